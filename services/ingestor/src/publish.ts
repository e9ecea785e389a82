import fs from 'node:fs';
import path from 'node:path';
import { rejectLine, rejectsHeader } from '@landfall/contracts/data-set-csv';
import {
  MANIFEST_KEY,
  type Manifest,
  OUTPUT_KEY,
  type PublishedObject,
  REJECTS_KEY,
  rejectsSnapshotKey,
  snapshotKey,
} from '@landfall/contracts/manifest';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Catalog } from './catalog.ts';
import { type Spooled, spool } from './spool.ts';

/** How many objects a publication writes. */
export const OBJECTS_WRITTEN = 5;
/** Files are sent in pieces of so many bytes. */
const CHUNK = 1024 * 1024;

/**
 * Publishes the catalog's users and rejects, in the order that readers rely on (DESIGN section 3): the immutable
 * snapshot, output.csv, the rejects, and last the manifest, which names them all. Whoever reads a manifest so
 * finds what it names, wherever this was interrupted; done again, it writes the same bytes to the same keys.
 *
 * @param users output.csv, as `writeOutput` made it
 * @param spoolDir a folder for files on the way
 * @param now the run's clock, ms since 1970 UTC
 * @throws StoreError when the store can't be written
 */
export async function publish(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
  users: Spooled,
  generation: number,
  spoolDir: string,
  now: number,
): Promise<Manifest> {
  const faults = await spool(
    path.join(spoolDir, REJECTS_KEY),
    rejectsHeader(),
    catalog.rejects(),
    rejectLine,
  );
  const version = users.sha256;

  const [{ snapshot, output }, { rejectsSnapshot, rejects }] = await Promise.all([
    publishUsers(),
    publishRejects(),
  ]);

  const manifest: Manifest = {
    generation,
    version,
    created_at: new Date(now).toISOString(),
    rows: users.rows,
    snapshot,
    output,
    rejects_snapshot: rejectsSnapshot,
    rejects,
  };
  await store.put(bucket, MANIFEST_KEY, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  return manifest;

  async function publishUsers() {
    const snapshot = await upload(store, bucket, snapshotKey(generation, version), users);
    return { snapshot, output: await duplicate(store, bucket, snapshot, OUTPUT_KEY) };
  }

  async function publishRejects() {
    const rejectsSnapshot = await upload(store, bucket, rejectsSnapshotKey(generation, version), faults);
    return { rejectsSnapshot, rejects: await duplicate(store, bucket, rejectsSnapshot, REJECTS_KEY) };
  }
}

async function upload(
  store: ObjectStore,
  bucket: string,
  key: string,
  { file, size, sha256, rows }: Spooled,
): Promise<PublishedObject> {
  const open = () => fs.createReadStream(file, { highWaterMark: CHUNK });
  const put = await store.put(bucket, key, { open, size, sha256 });
  return { key, ...put, rows };
}

async function duplicate(
  store: ObjectStore,
  bucket: string,
  from: PublishedObject,
  key: string,
): Promise<PublishedObject> {
  const copied = await store.copy(bucket, from.key, key);
  return { key, ...copied, rows: from.rows };
}
