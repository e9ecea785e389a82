import { Type } from 'typebox';

/** The largest number of 15 digits: longer ones are not read. */
export const MAX_GENERATION = 999_999_999_999_999;

/** Query parameter of a client that knows a generation, for example from its own run, and wants no older one. */
export const minGenerationParameter = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: MAX_GENERATION,
    description: 'wait a few seconds until this generation, or a later one, is served',
  }),
);

/** Query parameter of a client that reads a generation that is not the newest any more. */
export const generationParameter = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: MAX_GENERATION,
    description: 'read this generation (default: the newest); `/generations` lists them',
  }),
);
