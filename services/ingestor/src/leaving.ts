import type { StateFile } from '@landfall/state-file/state-file';
import { PAGE } from './row-pages.ts';

/** The part of the catalog that knows which users have a row but no record object any more. */
export function openLeaving(db: StateFile) {
  const put = db.prepare<[string]>('INSERT OR IGNORE INTO leaving VALUES (?)');
  const drop = db.prepare<[string]>('DELETE FROM leaving WHERE user_id = ?');
  const count = db.prepare<[], number>('SELECT count(*) FROM leaving').pluck();
  const after = db
    .prepare<[string, number], string>(
      'SELECT user_id FROM leaving WHERE user_id > ? ORDER BY user_id LIMIT ?',
    )
    .pluck();
  // Kept in memory: most runs have none, and then no user costs a statement.
  let users = count.get() ?? 0;

  return {
    noteLeaving(userId: string): void {
      users += put.run(userId).changes;
    },
    /** The user has a record object again. */
    noteStaying(userId: string): void {
      if (users > 0) users -= drop.run(userId).changes;
    },
    leavingCount: (): number => users,
    /** In UTF-8 byte order of the ids, some at a time. */
    *leaving(): Iterable<readonly string[]> {
      for (let page = after.all('', PAGE); page.length > 0; page = after.all(page.at(-1) ?? '', PAGE)) {
        yield page;
      }
    },
    forgetLeaving(): void {
      db.exec('DELETE FROM leaving');
      users = 0;
    },
    /** After a rollback. */
    recountLeaving(): void {
      users = count.get() ?? 0;
    },
  };
}
