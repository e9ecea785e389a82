import type { StateFile } from '@landfall/state-file/state-file';
import {
  CHANGES_TABLE,
  DAY_COUNTS_TABLE,
  GENERATIONS_TABLE,
  REJECTS_TABLE,
  ROWS_TABLE,
  STILL_VALID,
  VALID_FROM,
  VALID_UNTIL,
} from '../database/identifiers.ts';

/** Users whose old versions are dropped in one transaction: some 20 ms, for which a new generation may wait. */
const USERS_PER_STEP = 2_000;
/** Old versions of rejects that are deleted in one transaction. */
const REJECTS_PER_STEP = 5_000;

/** The condition of the index comes first, in its own words: SQLite only then uses it. */
const FORGET_REJECTS = `
  DELETE FROM ${REJECTS_TABLE} WHERE (key, ${VALID_FROM}) IN (
    SELECT key, ${VALID_FROM} FROM ${REJECTS_TABLE} INDEXED BY "__ended_rejects"
    WHERE ${VALID_UNTIL} < ${STILL_VALID} AND ${VALID_UNTIL} <= ? LIMIT ?)`;

/**
 * Drops generations before `horizon`, and then, step by step, the row versions that only they had.
 *
 * @returns whether there is more to drop; then it is to be called again
 */
export function forgetBefore(db: StateFile, horizon: number): boolean {
  return db.transaction(() => {
    db.prepare<[number]>(`DELETE FROM ${GENERATIONS_TABLE} WHERE generation < ?`).run(horizon);
    const upTo = db
      .prepare<[number, number], { generation: number; id: string }>(
        `SELECT generation, id FROM ${CHANGES_TABLE} WHERE generation <= ?
         ORDER BY generation, id LIMIT 1 OFFSET ?`,
      )
      .get(horizon, USERS_PER_STEP - 1);
    const values = [horizon, upTo?.generation ?? horizon, upTo?.id ?? BEYOND_TEXT];
    const step = 'generation <= ? AND (generation, id) <= (?, ?)';
    db.prepare(
      `DELETE FROM ${ROWS_TABLE} WHERE user_id IN (SELECT id FROM ${CHANGES_TABLE} WHERE ${step}) AND ${VALID_UNTIL} <= ?`,
    ).run(...values, horizon);
    db.prepare(`DELETE FROM ${CHANGES_TABLE} WHERE ${step}`).run(...values);
    if (!upTo) db.prepare<[number]>(`DELETE FROM ${DAY_COUNTS_TABLE} WHERE ${VALID_UNTIL} <= ?`).run(horizon);
    const { changes: rejects } = db.prepare<[number, number]>(FORGET_REJECTS).run(horizon, REJECTS_PER_STEP);
    return upTo !== undefined || rejects === REJECTS_PER_STEP;
  })();
}

/** In SQLite every text is less than any blob. */
const BEYOND_TEXT = Buffer.alloc(0);
