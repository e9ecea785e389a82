import { type Static, Type } from 'typebox';

/** Level of a condition. Red: data is missing, wrong or not updated. Amber: it may clear without help. */
export const ConditionLevel = Type.Enum(['amber', 'red']);
export type ConditionLevel = Static<typeof ConditionLevel>;

/** A problem that exists now. The health of a service is the list of its conditions; an empty list is green. */
export const Condition = Type.Object(
  {
    code: Type.String({ description: 'stable over releases' }),
    level: ConditionLevel,
    detail: Type.String({ description: 'what is wrong, as text' }),
    since: Type.String({ format: 'date-time', description: 'when it was first seen (UTC)' }),
    clears: Type.String({ description: 'what clears it' }),
  },
  { title: 'Condition' },
);
export type Condition = Static<typeof Condition>;
