import { Type } from 'typebox';

/** Query parameter of a client that knows a generation, for example from its own run, and wants no older one. */
export const minGenerationParameter = Type.Optional(
  Type.Integer({
    minimum: 1,
    description: 'wait a few seconds until this generation, or a later one, is served',
  }),
);

/** Query parameter of a client that reads a generation that is not the newest any more. */
export const generationParameter = Type.Optional(
  Type.Integer({
    minimum: 1,
    description: 'read this generation (default: the newest); `/generations` lists them',
  }),
);
