import { type Clause, clauseOf } from './conditions.ts';
import type { Pace } from './pace.ts';
import type { Plan } from './plan.ts';
import type { Reader } from './reader.ts';
import { behind, edgeOf, type Row, type Selection, selectFound } from './select-users.ts';

/**
 * The users that an index leads to, by ascending user_id, some at a time. The index has their ids: so these are put in order
 * by themselves, and of the users only those are read who are next.
 *
 * @param onwards only those
 */
export async function* findUsers<Columns extends unknown[]>(
  reader: Reader,
  selection: Selection,
  { by, others }: Pick<Plan & { way: 'few' }, 'by' | 'others'>,
  onwards: Clause,
  { atATime, window }: Pace,
): AsyncGenerator<Row<Columns>[]> {
  const found = clauseOf([by], 'index');
  const tests = clauseOf(others, 'test');
  let start = onwards;
  let ahead = window.min;
  for (;;) {
    const { rows, edge } = reader.at(selection.at, () => {
      const narrowing = { by: by.column, where: [found, start], orderBy: 'user_id', limit: ahead };
      const edge = edgeOf(reader, 'user_id', narrowing);
      const upTo = edge === undefined ? [] : [{ sql: 'user_id <= ?', values: [edge] }];
      const where = [found, start, ...upTo];
      return {
        rows: selectFound<Columns>(reader, selection, { ...narrowing, where, limit: atATime }, tests),
        edge,
      };
    });
    if (rows.length > 0) yield rows;
    const last = rows.length === atATime ? rows.at(-1)?.[1] : edge;
    if (last === undefined) return;
    start = behind(last);
    ahead = Math.min(ahead * 2, window.max);
    await new Promise(setImmediate);
  }
}
