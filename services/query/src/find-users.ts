import { clauseOf } from './conditions.ts';
import type { Pace } from './pace.ts';
import type { Plan } from './plan.ts';
import type { Reader } from './reader.ts';
import { type Row, type Selection, selectFound } from './select-users.ts';
import { stepIds } from './step-ids.ts';
import type { Clause } from './visibility.ts';

/**
 * The users that an index leads to, by ascending user_id, some at a time. The index has their ids: so these are put in order
 * by themselves, and of the users only those are read who are next.
 *
 * @param start only those
 */
export function findUsers<Columns extends unknown[]>(
  reader: Reader,
  selection: Selection,
  { by, others }: Pick<Plan & { way: 'few' }, 'by' | 'others'>,
  start: Clause,
  pace: Pace,
): AsyncGenerator<Row<Columns>[]> {
  const { at } = selection;
  const tests = clauseOf(others, 'test');
  const found = { by: by.column, within: clauseOf([by], 'index') };
  const steps = { at, pace, ...found, isTested: true, window: pace.window.min };
  const select = (where: Clause[], limit: number) =>
    selectFound<Columns>(reader, selection, { by: by.column, where, orderBy: 'user_id', limit }, tests);
  return stepIds(reader, { ...steps, select }, start);
}
