import { ROWS_TABLE } from '../database/identifiers.ts';
import { ALL, type At, type Reader } from '../database/snapshot-reader.ts';
import { type Clause, validAt } from '../database/visibility.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Filter } from '../filter/filter.ts';
import { clauseOf } from '../filter/predicates.ts';
import type { Plan } from './access-path.ts';
import { findUsers } from './index-lookup.ts';
import { type Position, walkUsers } from './ordered-scan.ts';
import { ANYONE, fromOn, type Key, type Row, type Selection, selectUsers } from './row-sql.ts';
import type { Pace } from './scan-limits.ts';
import { isByUserId, type SortOrder } from './sort-order.ts';

/** Which users are asked for. */
export interface Question {
  filter: Filter;
  order: SortOrder;
  /** The user to begin with; undefined for the first. */
  from: string | undefined;
}

/**
 * The users of one generation who match, in order, some at a time; every read is short, whatever the filter, and
 * others get their turn in between.
 *
 * @param plan for the question's filter
 * @param columns what is read of each: expressions over the columns of `users`
 * @param atMost where they are found by an index and sorted, so many are handed out; all of them without it
 * @throws ApiError generation_gone; bad_parameter when there is no user `from`
 */
export async function* readUsers<Columns extends unknown[]>(
  reader: Reader,
  at: At,
  plan: Plan,
  { order, from }: Pick<Question, 'order' | 'from'>,
  columns: string,
  pace: Pace,
  atMost = Number.POSITIVE_INFINITY,
): AsyncGenerator<Row<Columns>[]> {
  const selection: Selection = { at, order, columns };
  const start = from === undefined ? undefined : positionOf(reader, selection, from);
  if (plan.way === 'walk') yield* walkUsers<Columns>(reader, { ...selection, ...plan, pace }, start);
  else if (isByUserId(order) && plan.by.column !== 'user_id') {
    yield* findUsers<Columns>(reader, selection, plan, start ? fromOn(start[1]) : ANYONE, pace);
  } else {
    const where = [clauseOf([plan.by], 'index'), clauseOf(plan.others, 'test'), onwardsFrom(order, start)];
    const orderBy = `+${order.column} ${order.descending ? 'DESC' : 'ASC'}, +user_id`;
    const limit = Number.isFinite(atMost) ? atMost : ALL;
    yield reader.at(at, () =>
      selectUsers<Columns>(reader, selection, { by: plan.by.column, where, orderBy, limit }),
    );
  }
}

/** Where a user stands in the order. */
function positionOf(reader: Reader, { at, order }: Selection, userId: string): Position {
  if (isByUserId(order)) return [userId, userId];
  const { sql, values } = validAt(at);
  const [row] = reader.at(at, () =>
    reader.rows<[Key]>(
      `SELECT ${order.column} FROM ${ROWS_TABLE} WHERE user_id = ? AND ${sql}`,
      userId,
      ...values,
    ),
  );
  if (row) return [row[0], userId];
  throw new ApiError('bad_parameter', 'cursor is of a user who is not there', { parameters: ['cursor'] });
}

/** As a test of rows that are found by something else. */
function onwardsFrom({ column, descending }: SortOrder, start: Position | undefined): Clause {
  if (!start) return ANYONE;
  const beyond = descending ? '<' : '>';
  return {
    sql: `(+${column} ${beyond} ? OR (+${column} = ? AND +user_id >= ?))`,
    values: [start[0], ...start],
  };
}
