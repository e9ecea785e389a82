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
import type { SpooledDataSet } from './spool-data-set.ts';
import type { SpooledDelta } from './spool-delta.ts';
import type { SpooledFile } from './spool-file.ts';

/** Bytes per read of a spooled file. */
const CHUNK_BYTES = 1024 * 1024;

/** The bucket that files are uploaded to. */
export interface Destination {
  store: ObjectStore;
  bucket: string;
}

/** The number of objects that a publication writes, including the manifest, without datapackage.json. */
export const publishedObjectCount = ({ delta }: SpooledDataSet): number => (delta ? 6 : 5);

/**
 * Uploads what a manifest names: the immutable snapshots and delta, and the copies output.csv and rejects.csv. A repeated
 * upload writes the same bytes to the same keys.
 *
 * @param now the run's clock, ms since 1970 UTC
 * @returns the manifest of the uploaded objects
 * @throws StoreError if the store cannot be written
 */
export async function uploadDataSet(
  to: Destination,
  { output, rejects, delta }: SpooledDataSet,
  generation: number,
  now: number,
): Promise<Manifest> {
  const version = output.sha256;
  const [[snapshot, currentOutput], [rejectsSnapshot, currentRejects], uploadedDelta] = await Promise.all([
    uploadAndCopy(to, output, snapshotKey(generation, version), OUTPUT_KEY),
    uploadAndCopy(to, rejects, rejectsSnapshotKey(generation, version), REJECTS_KEY),
    delta && uploadDelta(to, delta, deltaKey(generation, version)),
  ]);
  return {
    generation,
    version,
    created_at: new Date(now).toISOString(),
    rows: output.rows,
    snapshot,
    output: currentOutput,
    rejects_snapshot: rejectsSnapshot,
    rejects: currentRejects,
    ...(uploadedDelta ? { delta: uploadedDelta } : {}),
  };
}

async function uploadAndCopy(
  to: Destination,
  file: SpooledFile,
  key: string,
  copyKey: string,
): Promise<[PublishedObject, PublishedObject]> {
  const object = await uploadFile(to, file, key);
  const copied = await to.store.copy(to.bucket, key, copyKey);
  return [object, { ...object, key: copyKey, ...copied }];
}

async function uploadDelta(to: Destination, file: SpooledDelta, key: string): Promise<Delta> {
  const { generation, version } = file.base;
  return { ...(await uploadFile(to, file, key)), sha256: file.sha256, base: { generation, version } };
}

/** @throws StoreError if the store cannot be written */
export async function uploadFile(
  { store, bucket }: Destination,
  { file, size, sha256, rows }: SpooledFile,
  key: string,
): Promise<PublishedObject> {
  const open = () => fs.createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const put = await store.put(bucket, key, { open, size, sha256 });
  return { key, size: put.size, etag: put.etag, rows, sha256 };
}
