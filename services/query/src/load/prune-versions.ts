import type { StateFile } from '@landfall/state-file/state-file';
import { STILL } from '../database/schema.ts';

/** Users whose old versions are dropped in one transaction: some 20 ms, for which a new generation may wait. */
const USERS_PER_STEP = 2_000;
/** Old versions of rejects that are deleted in one transaction. */
const REJECTS_PER_STEP = 5_000;

/** The condition of the index comes first, in its own words: SQLite only then uses it. */
const FORGET_REJECTS = `
  DELETE FROM rejects WHERE (key, valid_from) IN (
    SELECT key, valid_from FROM rejects INDEXED BY ended_rejects
    WHERE valid_until < ${STILL} AND valid_until <= ? LIMIT ?)`;

/**
 * Drops generations before `horizon`, and then, step by step, the row versions that only they had.
 *
 * @returns whether there is more to drop; then it is to be called again
 */
export function forgetBefore(db: StateFile, horizon: number): boolean {
  return db.transaction(() => {
    db.prepare<[number]>('DELETE FROM generations WHERE generation < ?').run(horizon);
    const upTo = db
      .prepare<[number, number], { generation: number; user_id: string }>(
        `SELECT generation, user_id FROM changes WHERE generation <= ?
         ORDER BY generation, user_id LIMIT 1 OFFSET ?`,
      )
      .get(horizon, USERS_PER_STEP - 1);
    const values = [horizon, upTo?.generation ?? horizon, upTo?.user_id ?? BEYOND_TEXT];
    const step = 'generation <= ? AND (generation, user_id) <= (?, ?)';
    db.prepare(
      `DELETE FROM users WHERE user_id IN (SELECT user_id FROM changes WHERE ${step}) AND valid_until <= ?`,
    ).run(...values, horizon);
    db.prepare(`DELETE FROM changes WHERE ${step}`).run(...values);
    if (!upTo) db.prepare<[number]>('DELETE FROM birth_days WHERE valid_until <= ?').run(horizon);
    const { changes: rejects } = db.prepare<[number, number]>(FORGET_REJECTS).run(horizon, REJECTS_PER_STEP);
    return upTo !== undefined || rejects === REJECTS_PER_STEP;
  })();
}

/** In SQLite every text is less than any blob. */
const BEYOND_TEXT = Buffer.alloc(0);
