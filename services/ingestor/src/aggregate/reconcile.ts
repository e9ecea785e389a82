import type { Reject } from '@landfall/contracts/dataset/reject';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import type { RunCounts } from '@landfall/contracts/messages/run';
import type { ObjectStore, ReadObject } from '@landfall/object-store/object-store';
import type { Catalog } from '../catalog/catalog.ts';
import { type CatalogReject, NO_ROW } from '../catalog/rejects.ts';
import { formatRecordVersion } from '../catalog/rows.ts';
import type { ReadUser } from '../fetch/fetch.ts';
import { readAhead } from '../fetch/prefetch.ts';
import { openReadCheck } from '../fetch/store-check.ts';
import { isUnsettled, SETTLE_MS, type Unsettled } from '../fetch/unsettled.ts';
import { isFault } from '../source/record.ts';
import { aggregate } from './aggregate.ts';

const codec = rowCodec(USERS);

/** So many steps are one transaction: each writes the last pages of the tables once more. */
const STEPS = 8;

/** What reconciling works on. */
export interface Reconciliation {
  store: ObjectStore;
  catalog: Catalog;
  sourceBucket: string;
  fetchConcurrency: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
}

/**
 * Makes a row, or none, of every user who is due. What was read, what became of it, and that it is yet to be
 * published are one transaction, some thousand users at a time: a crash loses none of it, and the next run goes on
 * where this one stood.
 *
 * @param counts is filled in step by step
 * @param now the run's clock, ms since 1970 UTC
 * @param settledBy whether records may still be written is judged as of this time or later, ms since 1970 UTC
 * @returns the records that are not taken because of that; their users are as they were
 * @throws StoreError that concerns the whole store
 */
export async function reconcile(
  { store, catalog, sourceBucket, fetchConcurrency, clock }: Reconciliation,
  counts: RunCounts,
  now: number,
  onProgress: (done: number, total: number) => void,
  settledBy: number,
): Promise<Unsettled | undefined> {
  const total = catalog.queuedCount();
  const isLater = ({ modified }: ReadObject) => isUnsettled(modified, Math.max(clock(), settledBy));
  const ahead = readAhead(store, catalog, sourceBucket, fetchConcurrency, isLater);
  const check = openReadCheck(store, sourceBucket, catalog);
  const unsettled = { keys: new Set<string>(), readyAt: 0 };
  let done = 0;
  let isOver = false;
  const step = async (): Promise<void> => {
    const read = await ahead.next();
    isOver = read === undefined;
    if (!read) return check.end();
    await check.note(read.users);
    catalog.removeQueued(read.batch);
    leaveUnsettled(catalog, read.users, unsettled);
    apply(catalog, read.users, sourceBucket, counts, now);
    done += read.queued;
    onProgress(done, total);
  };
  while (!isOver) {
    await catalog.transaction(async () => {
      for (let i = 0; (i < STEPS || !check.isTrusted()) && !isOver; i++) await step();
    });
  }
  return unsettled.keys.size > 0 ? unsettled : undefined;
}

/** Notes for a later run the users whose record may still be written. */
function leaveUnsettled(
  catalog: Catalog,
  users: readonly ReadUser[],
  unsettled: { keys: Set<string>; readyAt: number },
): void {
  const userIds: string[] = [];
  for (const user of users) {
    if (user.unsettled === undefined) continue;
    userIds.push(user.rowId);
    unsettled.keys.add(user.claim.records[0]?.key ?? '');
    unsettled.readyAt = Math.max(unsettled.readyAt, user.unsettled + SETTLE_MS);
  }
  catalog.addUnsettled(userIds);
}

/** Writes what became of some users. */
function apply(catalog: Catalog, users: ReadUser[], bucket: string, counts: RunCounts, now: number): void {
  const writer = catalog.rowWriter();
  // A row that came back from what is published names no object: it may be one in a folder that cannot be listed.
  const areFoldersUnread = catalog.rejectsOf(NO_ROW).length > 0;
  const isOutOfSight = ({ record, row }: ReadUser) =>
    areFoldersUnread && !record && row?.recordVersion === null;
  catalog.addUnsettled(users.filter(isOutOfSight).map(({ rowId }) => rowId));
  const changed: string[] = [];
  let changedRejects = 0;
  for (const user of users) {
    const { rowId, claim, record, row: before, orphanImages } = user;
    if (user.wasRead) counts.fetched++;
    correctObjects(catalog, user);
    if (user.unsettled !== undefined || isOutOfSight(user)) continue;
    const orphaned = record ? 0 : claim.images;
    if (orphaned !== orphanImages) catalog.setOrphanImages(rowId, orphaned);

    const last = before && codec.parseRow(before.line);
    const { user: row, rejects } = aggregate(rowId, claim, record?.reading, last, bucket, now);
    if (row) catalog.deleteRemovalCandidate(rowId);
    if (row) {
      const isBroken = rejects.some(({ key }) => key === record?.key);
      const kept = { rowId, line: codec.formatRow(row), recordVersion: versionRead(user, isBroken) };
      if (before?.line !== kept.line) {
        counts[before ? 'updated' : 'added']++;
        changed.push(rowId);
        writer.put(kept);
      } else if (kept.recordVersion !== before.recordVersion) writer.put(kept);
    } else if (before) {
      // Whether the row goes is decided once all are known (removal-guard.ts).
      catalog.addRemovalCandidate(before.rowId, before.recordVersion !== null);
    }
    changedRejects += keepRejects(catalog, user, rejects, now);
  }
  writer.flush();
  catalog.addChanged(changed);
  if (changed.length + changedRejects > 0) catalog.setDirty();
}

/** What turned out at reading to be otherwise than it was listed. */
function correctObjects(catalog: Catalog, { rowId, objects, record, vanished }: ReadUser): void {
  const listed = record && objects.find(({ key }) => key === record.key);
  const isOther = listed && (listed.etag !== record.etag || listed.size !== record.size);
  if (vanished.length === 0 && !isOther) return;
  const writer = catalog.objectWriter();
  for (const key of vanished) writer.remove(key, rowId);
  if (isOther) writer.put(record, rowId);
  writer.flush();
}

/** The version that a row was read from: this one, or, while the record is broken, the last good one. */
function versionRead({ record, row: before }: ReadUser, isBroken: boolean): string | null {
  if (isBroken && before) return before.recordVersion;
  return record ? formatRecordVersion(record) : null;
}

/** @returns how many rejects are new, otherwise, or gone */
function keepRejects(
  catalog: Catalog,
  user: ReadUser,
  rejects: readonly Omit<Reject, 'since'>[],
  now: number,
): number {
  const { rowId, rejects: before } = user;
  let changed = 0;
  for (const reject of rejects) {
    // It may be another user's: by earlier rules of reading ids.
    const known = before.find(({ key }) => key === reject.key) ?? catalog.rejectOf(reject.key);
    const isSame = known !== undefined && isSameReject(reject, known);
    const since = known?.reason === reject.reason ? known.since : new Date(now).toISOString();
    const kept = { ...reject, since, ...readVersion(user, reject.key) };
    if (!isSame) changed++;
    if (!isSame || kept.etag !== known.etag || kept.size !== known.size) catalog.putReject(kept);
  }
  for (const { key } of before) {
    if (rejects.some((reject) => reject.key === key)) continue;
    catalog.removeReject(key, rowId);
    changed++;
  }
  return changed;
}

/** What is known of the object of a reject: only the first one of a user is read. What could not be read has no version. */
function readVersion(
  { record, failure }: ReadUser,
  key: string,
): Pick<CatalogReject, 'etag' | 'size' | 'values'> {
  if (record?.key !== key || failure || record.fault) return { etag: null, size: null, values: null };
  const { etag, size, reading } = record;
  return { etag, size, values: isFault(reading) ? null : reading };
}

const isSameReject = (a: Omit<Reject, 'since'>, b: Reject): boolean =>
  a.id === b.id && a.reason === b.reason && a.detail === b.detail && a.kept_previous === b.kept_previous;
