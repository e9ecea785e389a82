import type { StateFile } from '@landfall/state-file/state-file';
import { PAGE } from './storage/paged-query.ts';

/** The part of the catalog that knows which users have a row but no record object any more. */
export function openLeaving(db: StateFile) {
  const put = db.prepare<[string, 0 | 1]>('INSERT OR IGNORE INTO leaving VALUES (?, ?)');
  const drop = db.prepare<[string]>('DELETE FROM leaving WHERE user_id = ?');
  const count = db.prepare<[0 | 1], number>('SELECT count(*) FROM leaving WHERE was_known >= ?').pluck();
  const after = db
    .prepare<[string, 0 | 1, number], string>(
      'SELECT user_id FROM leaving WHERE user_id > ? AND was_known >= ? ORDER BY user_id LIMIT ?',
    )
    .pluck();
  const dropAll = db.prepare<[0 | 1]>('DELETE FROM leaving WHERE was_known >= ?');
  // Kept in memory: most runs have none, and then no user costs a statement.
  let users = count.get(0) ?? 0;
  const asFlag = (isKnown: boolean) => (isKnown ? 1 : 0);

  return {
    /** @param wasKnown whether a record object of the user was listed before; not of rows that were restored */
    noteLeaving(userId: string, wasKnown: boolean): void {
      users += put.run(userId, asFlag(wasKnown)).changes;
    },
    /** The user has a record object again. */
    noteStaying(userId: string): void {
      if (users > 0) users -= drop.run(userId).changes;
    },
    /** @param known only those with a record object that was listed before */
    leavingCount: (known: boolean): number => (users === 0 ? 0 : (count.get(asFlag(known)) ?? 0)),
    /** In UTF-8 byte order of the ids, some at a time. */
    *leaving(known: boolean): Iterable<readonly string[]> {
      const next = (last: string) => after.all(last, asFlag(known), PAGE);
      for (let page = next(''); page.length > 0; page = next(page.at(-1) ?? '')) yield page;
    },
    forgetLeaving(known: boolean): void {
      dropAll.run(asFlag(known));
      users = count.get(0) ?? 0;
    },
    /** After a rollback. */
    recountLeaving(): void {
      users = count.get(0) ?? 0;
    },
  };
}
