import fs from 'node:fs';
import {
  type Delta,
  deltaKey,
  type Manifest,
  OUTPUT_KEY,
  type PublishedObject,
  REJECTS_KEY,
  rejectsSnapshotKey,
  snapshotKey,
} from '@landfall/contracts/dataset/manifest';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { SpooledFile } from './spool.ts';
import type { SpooledDelta } from './write-delta.ts';

/** Files are sent in pieces of so many bytes. */
const CHUNK = 1024 * 1024;

/** Where objects are published. */
export interface Destination {
  store: ObjectStore;
  bucket: string;
}

/** What is published, as files. */
export interface Files {
  /** output.csv */
  users: SpooledFile;
  /** rejects.csv */
  rejects: SpooledFile;
  delta: SpooledDelta | undefined;
}

/** How many objects a publication writes. */
export const objectsOf = ({ delta }: Files): number => (delta ? 6 : 5);

/**
 * Writes what a manifest names: the immutable snapshots, output.csv, rejects.csv, and the delta. The manifest comes after
 * them, so that a reader finds what it names, wherever this is interrupted; done again, it writes the same bytes to the
 * same keys.
 *
 * @param now the run's clock, ms since 1970 UTC
 * @throws StoreError when the store can't be written
 */
export async function uploadDataSet(
  to: Destination,
  { users, rejects, delta }: Files,
  generation: number,
  now: number,
): Promise<Manifest> {
  const version = users.sha256;
  const [[snapshot, output], [rejectsSnapshot, currentRejects], publishedDelta] = await Promise.all([
    uploadAndCopy(to, users, snapshotKey(generation, version), OUTPUT_KEY),
    uploadAndCopy(to, rejects, rejectsSnapshotKey(generation, version), REJECTS_KEY),
    delta && uploadDelta(to, delta, deltaKey(generation, version)),
  ]);
  return {
    generation,
    version,
    created_at: new Date(now).toISOString(),
    rows: users.rows,
    snapshot,
    output,
    rejects_snapshot: rejectsSnapshot,
    rejects: currentRejects,
    ...(publishedDelta ? { delta: publishedDelta } : {}),
  };
}

async function uploadAndCopy(
  to: Destination,
  file: SpooledFile,
  key: string,
  copyKey: string,
): Promise<[PublishedObject, PublishedObject]> {
  const object = await upload(to, file, key);
  const copied = await to.store.copy(to.bucket, key, copyKey);
  return [object, { ...object, key: copyKey, ...copied }];
}

async function uploadDelta(to: Destination, file: SpooledDelta, key: string): Promise<Delta> {
  const { generation, version } = file.base;
  return { ...(await upload(to, file, key)), sha256: file.sha256, base: { generation, version } };
}

/** @throws StoreError when the store can't be written */
export async function upload(
  { store, bucket }: Destination,
  { file, size, sha256, rows }: SpooledFile,
  key: string,
): Promise<PublishedObject> {
  const open = () => fs.createReadStream(file, { highWaterMark: CHUNK });
  const put = await store.put(bucket, key, { open, size, sha256 });
  return { key, size: put.size, etag: put.etag, rows, sha256 };
}
