import type { StateFile } from '@landfall/state-file/state-file';

/** Users whose old versions are dropped in one transaction: some 20 ms, for which a new generation may wait. */
const USERS_PER_STEP = 2_000;

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
    return upTo !== undefined;
  })();
}

/** In SQLite every text is less than any blob. */
const BEYOND_TEXT = Buffer.alloc(0);
