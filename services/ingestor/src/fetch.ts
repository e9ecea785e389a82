import { parseOutputLine } from '@landfall/contracts/data-set-csv';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import type { DueUser } from './catalog.ts';
import type { KeptReject } from './kept-rejects.ts';
import { recordVersion } from './kept-users.ts';
import { type Claim, match, type SourceObject } from './match.ts';
import { MAX_RECORD_BYTES, parseRecord, type Reading, tooLarge } from './parse.ts';

/** A user whose record was read, where it had to be. */
export interface ReadUser extends DueUser {
  /** What the bucket holds of them, without what was gone when it was to be read. */
  claim: Claim;
  /** What the first record object says, and the version that said it; undefined when there is none. */
  record: (SourceObject & { reading: Reading }) | undefined;
  wasRead: boolean;
  /** Keys that were listed and not there any more. */
  vanished: string[];
}

/**
 * Reads and parses the record object of each user, where it is another version than the catalog knows. One that
 * is gone by then counts as removed, and the next one of that user takes its place.
 *
 * @param concurrency how many are read at once
 * @throws StoreError when one can't be read for any other reason: a mirror with holes is none
 */
export async function fetchRecords(
  store: ObjectStore,
  bucket: string,
  due: readonly DueUser[],
  concurrency: number,
): Promise<ReadUser[]> {
  const users = due.map(
    (user): ReadUser => ({
      ...user,
      claim: match(user.userId, user.objects),
      record: undefined,
      wasRead: false,
      vanished: [],
    }),
  );
  let waiting = users.filter((user) => !settleUnread(user));
  while (waiting.length > 0) {
    const byKey = new Map(waiting.map((user) => [user.claim.records[0]?.key, user]));
    await store.readEach(
      bucket,
      waiting.flatMap((user) => user.claim.records[0] ?? []),
      { maxBytes: MAX_RECORD_BYTES, concurrency },
      (key, read) => {
        const user = byKey.get(key);
        if (!user) return;
        if (read instanceof StoreError && read.code !== 'not_found') throw read;
        if (!(read instanceof StoreError)) {
          const { size, etag, bytes } = read;
          const reading = size > MAX_RECORD_BYTES ? tooLarge(size) : parseRecord(bytes);
          user.record = { key, size, etag, reading };
          user.wasRead = true;
        } else {
          user.vanished.push(key);
          user.claim.records.shift();
        }
      },
    );
    waiting = waiting.filter((user) => !user.record && !settleUnread(user));
  }
  return users;
}

/** @returns whether there is nothing to be read of a user: no record, or one that is known or too large */
function settleUnread(user: ReadUser): boolean {
  const [owner] = user.claim.records;
  if (!owner) return true;
  const reading = owner.size > MAX_RECORD_BYTES ? tooLarge(owner.size) : knownReading(user, owner);
  if (reading) user.record = { ...owner, reading };
  return reading !== undefined;
}

/** What was read of just this version of a record object. */
function knownReading({ user, rejects }: DueUser, owner: SourceObject): Reading | undefined {
  if (user && user.record === recordVersion(owner)) return parseOutputLine(user.line);
  const { key, etag, size } = owner;
  const reject = rejects.find((each) => each.key === key && each.etag === etag && each.size === size);
  return reject && readingOf(reject);
}

const readingOf = ({ values, reason, detail }: KeptReject): Reading => values ?? { reason, detail };
