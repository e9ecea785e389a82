import type { Reader } from '../database/snapshot-reader.ts';
import type { Clause } from '../database/visibility.ts';
import { type Condition, clauseOf } from '../filter/predicates.ts';
import { type Step, stepIds } from './keyset-scan.ts';
import {
  ANYONE,
  behind,
  edgeOf,
  fromOn,
  type Key,
  type Row,
  type Selection,
  selectUsers,
} from './row-sql.ts';
import type { Pace } from './scan-limits.ts';
import { isByUserId } from './sort-order.ts';

/** What a way through the users in their order depends on, in short reads. */
export interface Steps {
  conditions: readonly Condition[];
  /** About so many users are looked at until one matches. */
  tests: number;
  pace: Pace;
}
export interface Walk extends Selection, Steps {}

/** Where one stands: the value of the order's column, and the user. */
export type Position = [value: Key, userId: string];

/** The users who match, in order, from `start` on. */
export function walkUsers<Columns extends unknown[]>(
  reader: Reader,
  walk: Walk,
  start: Position | undefined,
): AsyncGenerator<Row<Columns>[]> {
  return isByUserId(walk.order)
    ? walkIds(reader, walk, undefined, start ? fromOn(start[1]) : ANYONE)
    : walkGroups(reader, walk, start);
}

/**
 * By ascending user_id: all users, or the group of those who have one value in the column of the order.
 *
 * @param start only those
 */
function walkIds<Columns extends unknown[]>(
  reader: Reader,
  walk: Walk,
  group: Key | undefined,
  start: Clause,
): AsyncGenerator<Row<Columns>[]> {
  const { at, order, conditions, pace } = walk;
  const within = group === undefined ? ANYONE : { sql: `${order.column} = ?`, values: [group] };
  const by = group === undefined ? 'user_id' : order.column;
  const tests = clauseOf(conditions, 'test');
  const window = firstWindow({ ...walk, ...pace, ...pace.window });
  const steps = { at, pace, by, within, isTested: conditions.length > 0, window };
  const select = (where: Clause[], limit: number) =>
    selectUsers<Columns>(reader, walk, { by, where: [...where, tests], orderBy: 'user_id', limit });
  return stepIds(reader, { ...steps, select }, start);
}

/**
 * By the value of a column, up or down: a stretch of whole groups of users with the same value, then the group at
 * its edge by itself, which may be as large as it likes, and so on. Ties ascend in both directions, which no one
 * index has.
 */
async function* walkGroups<Columns extends unknown[]>(
  reader: Reader,
  walk: Walk,
  start: Position | undefined,
): AsyncGenerator<Row<Columns>[]> {
  const { at, order, conditions, pace } = walk;
  const by = order.column;
  const [beyond, before, way] = order.descending ? ['<', '>', 'DESC'] : ['>', '<', 'ASC'];
  if (start) yield* walkIds<Columns>(reader, walk, start[0], fromOn(start[1]));
  let last = start?.[0];
  let window = firstWindow({ ...walk, ...pace, ...pace.window });
  for (;;) {
    const { atATime } = pace;
    const onwards: Clause = last === undefined ? ANYONE : { sql: `${by} ${beyond} ?`, values: [last] };
    const { rows, edge }: Step<Columns> = reader.at(at, () => {
      const edge = edgeOf(reader, by, { by, where: [onwards], orderBy: `${by} ${way}`, limit: window });
      const upTo = edge === undefined ? ANYONE : { sql: `${by} ${before} ?`, values: [edge] };
      const where = [onwards, upTo, clauseOf(conditions, 'test')];
      const orderBy = `${by} ${way}, user_id`;
      return { rows: selectUsers<Columns>(reader, walk, { by, where, orderBy, limit: atATime }), edge };
    });
    if (rows.length > 0) yield rows;
    const lastRow = rows.length === atATime ? rows.at(-1) : undefined;
    last = lastRow ? lastRow[0] : edge;
    if (last === undefined) return;
    await new Promise(setImmediate);
    yield* walkIds<Columns>(reader, walk, last, lastRow ? behind(lastRow[1]) : ANYONE);
    window = Math.min(window * 2, pace.window.max);
  }
}

/** As many users as it should take to fill the first read. */
export const firstWindow = ({
  tests,
  atATime,
  min,
  max,
}: Record<'tests' | 'atATime' | 'min' | 'max', number>): number =>
  Math.min(max, Math.max(min, Math.ceil(1.5 * tests * atATime)));
