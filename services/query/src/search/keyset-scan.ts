import type { At, Reader } from '../database/snapshot-reader.ts';
import type { Clause } from '../database/visibility.ts';
import { behind, edgeOf, type Key, type Row } from './row-sql.ts';
import type { Pace } from './scan-limits.ts';

/** Which users are gone through by ascending user_id, and in which steps. */
export interface IdSteps<Columns extends unknown[]> {
  at: At;
  pace: Pace;
  /** The column whose index leads, and what is asked of it. */
  by: string;
  within: Clause;
  /** Whether some are passed by: then a step has to know how far it may look. */
  isTested: boolean;
  /** So many are looked at in the first step. */
  window: number;
  /** Reads users, in the order of their ids. */
  select: (where: Clause[], limit: number) => Row<Columns>[];
}

/** What one step found, and how far it looked; no edge when that was to the end. */
export interface Step<Columns extends unknown[]> {
  rows: Row<Columns>[];
  edge: Key | undefined;
}

/**
 * Users by ascending user_id, some at a time, in short reads.
 *
 * @param start only those
 */
export async function* stepIds<Columns extends unknown[]>(
  reader: Reader,
  { at, pace, by, within, isTested, window: first, select }: IdSteps<Columns>,
  start: Clause,
): AsyncGenerator<Row<Columns>[]> {
  const orderBy = 'user_id';
  let onwards = start;
  let window = first;
  for (;;) {
    // Between two steps it may become another one.
    const { atATime } = pace;
    const { rows, edge }: Step<Columns> = reader.at(at, () => {
      const where = [within, onwards];
      const edge = isTested ? edgeOf(reader, 'user_id', { by, where, orderBy, limit: window }) : undefined;
      const upTo = edge === undefined ? [] : [{ sql: 'user_id <= ?', values: [edge] }];
      return { rows: select([...where, ...upTo], atATime), edge };
    });
    if (rows.length > 0) yield rows;
    const last = rows.length === atATime ? rows.at(-1)?.[1] : edge;
    if (last === undefined) return;
    onwards = behind(last);
    window = Math.min(window * 2, pace.window.max);
    await new Promise(setImmediate);
  }
}
