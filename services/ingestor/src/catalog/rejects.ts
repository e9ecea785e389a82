import type { Reject } from '@landfall/contracts/dataset/reject';
import type { StateFile } from '@landfall/state-file/state-file';
import type { RecordValues } from '../source/record.ts';
import { PAGE, rowPages } from './storage/paged-query.ts';

/** What is wrong with an object, and the version of it that was read; null where it was not. */
export interface KeptReject extends Reject {
  etag: string | null;
  size: number | null;
  /** What it says, where it could be right at another time. */
  values: RecordValues | null;
}

type RejectRow = Omit<KeptReject, 'id' | 'kept_previous' | 'values'> & {
  user_id: string;
  kept_previous: 0 | 1;
  first_name: string | null;
  last_name: string | null;
  birthts: number | null;
};

/** The user's id in the reject of a folder. */
export const NO_USER = '';

/** What may change although the object does not: rights, links, archives. */
const IS_RETRIED = "reason IN ('unreadable', 'outside_bucket')";

/** The part of the catalog that knows what is wrong now. */
export function openKeptRejects(db: StateFile) {
  const ofUser = db.prepare<[string], RejectRow>('SELECT * FROM rejects WHERE user_id = ?');
  // Without those of folders, which belong to no user.
  const users = db.prepare<[], string>("SELECT DISTINCT user_id FROM rejects WHERE user_id <> ''").pluck();
  const retried = db
    .prepare<[], string>(`SELECT DISTINCT user_id FROM rejects WHERE ${IS_RETRIED} AND user_id <> ''`)
    .pluck();
  const isRetried = db.prepare<[string], 1>(`SELECT 1 FROM rejects WHERE key = ? AND ${IS_RETRIED}`).pluck();
  const born = db
    .prepare<[number], string>(
      "SELECT DISTINCT user_id FROM rejects WHERE reason = 'birthts_in_future' AND birthts <= ?",
    )
    .pluck();
  const put = db.prepare(
    `INSERT OR REPLACE INTO rejects VALUES
     (@key, @id, @reason, @detail, @since, @kept_previous, @etag, @size, @first_name, @last_name, @birthts)`,
  );
  const ofKey = db.prepare<[string], RejectRow>('SELECT * FROM rejects WHERE key = ?');
  const drop = db.prepare<[string, string]>('DELETE FROM rejects WHERE key = ? AND user_id = ?');
  const after = db.prepare<[string, number], RejectRow>(
    'SELECT * FROM rejects WHERE key > ? ORDER BY key LIMIT ?',
  );
  const count = db.prepare<[], number>('SELECT count(*) FROM rejects').pluck();

  return {
    rejectOf(key: string): KeptReject | undefined {
      const row = ofKey.get(key);
      return row && asReject(row);
    },
    rejectsOf: (userId: string): KeptReject[] => ofUser.all(userId).map(asReject),
    rejectedUsers: (): string[] => users.all(),
    /** Those whose objects could not be read: that may have changed although the objects have not. */
    retriedUsers: (): string[] => retried.all(),
    isRetried: (key: string): boolean => isRetried.get(key) !== undefined,
    /** Those whose birth was yet to come and is past by `now`, ms since 1970 UTC. */
    bornUsers: (now: number): string[] => born.all(now),
    putReject({ values, ...reject }: KeptReject): void {
      const { first_name = null, last_name = null, birthts = null } = values ?? {};
      put.run({ ...reject, kept_previous: reject.kept_previous ? 1 : 0, first_name, last_name, birthts });
    },
    /** Only that of this user: the object may have become another's, by another rule of reading ids. */
    dropReject: (key: string, userId: string) => drop.run(key, userId),
    rejectCount: () => count.get() ?? 0,
    /** In UTF-8 byte order of the key. */
    rejects: () => rowPages((last?: RejectRow) => after.all(last?.key ?? '', PAGE), asReject),
  };
}

function asReject({ user_id, first_name, last_name, birthts, kept_previous, ...row }: RejectRow): KeptReject {
  const says = first_name !== null && last_name !== null && birthts !== null;
  return {
    ...row,
    id: user_id,
    kept_previous: kept_previous === 1,
    values: says ? { first_name, last_name, birthts } : null,
  };
}
