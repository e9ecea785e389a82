import type { Reader } from '../database/snapshot-reader.ts';
import type { Clause } from '../database/visibility.ts';
import { clauseOf } from '../filter/predicates.ts';
import type { Plan } from './access-path.ts';
import { stepIds } from './keyset-scan.ts';
import { type Row, type Selection, selectFound } from './row-sql.ts';
import type { Pace } from './scan-limits.ts';

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
