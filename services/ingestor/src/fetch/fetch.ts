import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import { type ObjectStore, type ReadObject, StoreError } from '@landfall/object-store/object-store';
import type { PendingRow } from '../catalog/catalog.ts';
import type { CatalogReject } from '../catalog/rejects.ts';
import { formatRecordVersion } from '../catalog/rows.ts';
import { type Claim, match } from '../match/match.ts';
import { MAX_RECORD_BYTES, parseRecord, tooLarge } from '../parse/parse.ts';
import type { Fault, Reading } from '../source/record.ts';
import type { SourceObject } from '../source/source-object.ts';

const codec = rowCodec(USERS);

/** A user whose record was read, where it had to be. */
export interface ReadUser extends PendingRow {
  /** What the bucket holds of them, without what was gone when it was to be read. */
  claim: Claim;
  /** What the first record object says, and the version that said it; undefined when there is none. */
  record: (SourceObject & { reading: Reading }) | undefined;
  wasRead: boolean;
  /** Why the record could not be read. */
  failure: StoreError | undefined;
  /** When the record was last written, of one that is being written: ms since 1970 UTC. Nothing was made of it. */
  unsettled: number | undefined;
  /** Keys that were listed and not there any more. */
  vanished: string[];
}

/**
 * Reads and parses the record object of each user, where it is another version than the catalog knows. One that
 * is gone by then counts as removed, and the next one of that user takes its place. One that can't be read is a fault of
 * that object.
 *
 * @param concurrency how many are read at once
 * @param isUnsettled whether an object may still be written, and is not to be taken yet
 * @throws StoreError that concerns the whole store
 */
export async function fetchRecords(
  store: ObjectStore,
  bucket: string,
  due: readonly PendingRow[],
  concurrency: number,
  isUnsettled: (read: ReadObject) => boolean,
): Promise<ReadUser[]> {
  const users = due.map(
    (user): ReadUser => ({
      ...user,
      claim: match(user.rowId, user.objects),
      record: undefined,
      wasRead: false,
      failure: undefined,
      unsettled: undefined,
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
        if (read instanceof StoreError) take.error(user, key, read);
        else if (isUnsettled(read)) user.unsettled = read.modified;
        else take.object(user, key, read);
      },
    );
    waiting = waiting.filter((user) => !user.record && user.unsettled === undefined && !settleUnread(user));
  }
  return users;
}

const take = {
  object(user: ReadUser, key: string, { size, etag, bytes }: ReadObject): void {
    const reading = size > MAX_RECORD_BYTES ? tooLarge(size) : parseRecord(bytes);
    user.record = { key, size, etag, reading };
    user.wasRead = true;
  },
  error(user: ReadUser, key: string, error: StoreError): void {
    const [owner] = user.claim.records;
    if (error.code === 'not_found') {
      user.vanished.push(key);
      user.claim.records.shift();
    } else if (owner) {
      user.record = { ...owner, reading: unreadable(error) };
      user.failure = error;
    }
  },
};

function unreadable({ code, message }: StoreError): Fault {
  if (code === 'outside_bucket') return { reason: code, detail: message };
  return { reason: 'unreadable', detail: code === 'unreadable' ? message : `${code}: ${message}` };
}

/** @returns whether there is nothing to be read of a user: no record, or one that is known, too large or faulty */
function settleUnread(user: ReadUser): boolean {
  const [owner] = user.claim.records;
  if (!owner) return true;
  if (owner.fault) {
    const { code, detail } = owner.fault;
    if (code === 'unreadable') user.failure = new StoreError(code, detail);
    user.record = { ...owner, reading: { reason: code, detail } };
    return true;
  }
  const reading = owner.size > MAX_RECORD_BYTES ? tooLarge(owner.size) : knownReading(user, owner);
  if (reading) user.record = { ...owner, reading };
  return reading !== undefined;
}

/** What was read of just this version of a record object. */
function knownReading({ row, rejects }: PendingRow, owner: SourceObject): Reading | undefined {
  const { key, etag, size } = owner;
  if (etag === '') return undefined;
  if (row?.recordVersion === formatRecordVersion(owner)) return codec.parseRow(row.line);
  const reject = rejects.find((each) => each.key === key && each.etag === etag && each.size === size);
  return reject && readingOf(reject);
}

const readingOf = ({ values, reason, detail }: CatalogReject): Reading => values ?? { reason, detail };
