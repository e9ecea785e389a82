import { type Static, Type } from 'typebox';

/** How bad a condition is. Red: data are missing, wrong, or not taken in. Amber: it may clear without help. */
export const ConditionLevel = Type.Enum(['amber', 'red']);
export type ConditionLevel = Static<typeof ConditionLevel>;

/** Something that is wrong now. The health of a service is the list of its conditions; an empty list is green. */
export const Condition = Type.Object(
  {
    code: Type.String({ description: 'stays the same over versions' }),
    level: ConditionLevel,
    detail: Type.String({ description: 'what is wrong, in words' }),
    since: Type.String({ format: 'date-time', description: 'when it was first seen (UTC)' }),
    clears: Type.String({ description: 'what ends it' }),
  },
  { title: 'Condition' },
);
export type Condition = Static<typeof Condition>;
