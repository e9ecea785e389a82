import fs from 'node:fs';
import path from 'node:path';
import {
  type Delta,
  deltaKey,
  MANIFEST_KEY,
  type Manifest,
  OUTPUT_KEY,
  type PublishedObject,
  REJECTS_KEY,
  rejectsSnapshotKey,
  snapshotKey,
} from '@landfall/contracts/manifest';
import { rejectLine, rejectsHeader } from '@landfall/contracts/reject-line';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Catalog } from './catalog.ts';
import type { SpooledDelta } from './delta.ts';
import { type Spooled, spool, textOf } from './spool.ts';

/** How many objects a publication wrote. */
export const objectsWritten = ({ delta }: Manifest): number => (delta ? 6 : 5);

/** What is published, as files. */
export interface Files {
  /** output.csv */
  users: Spooled;
  delta: SpooledDelta | undefined;
}

/** Files are sent in pieces of so many bytes. */
const CHUNK = 1024 * 1024;

/**
 * Publishes the catalog's users and rejects, in the order that readers rely on (DESIGN section 3): the immutable
 * snapshot, output.csv, the rejects, the delta, and last the manifest, which names them all. Whoever reads a manifest so
 * finds what it names, wherever this was interrupted; done again, it writes the same bytes to the same keys.
 *
 * @param spoolDir a folder for files on the way
 * @param now the run's clock, ms since 1970 UTC
 * @throws StoreError when the store can't be written
 */
export async function publish(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
  { users, delta }: Files,
  generation: number,
  spoolDir: string,
  now: number,
): Promise<Manifest> {
  const faults = await spool(
    path.join(spoolDir, REJECTS_KEY),
    textOf(rejectsHeader(), catalog.rejects(), rejectLine),
  );
  const version = users.sha256;

  const [{ snapshot, output }, { rejectsSnapshot, rejects }, publishedDelta] = await Promise.all([
    publishUsers(),
    publishRejects(),
    delta && publishDelta(delta),
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
    ...(publishedDelta ? { delta: publishedDelta } : {}),
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

  async function publishDelta(file: SpooledDelta): Promise<Delta> {
    const object = await upload(store, bucket, deltaKey(generation, version), file);
    const base = { generation: file.base.generation, version: file.base.version };
    return { ...object, sha256: file.sha256, base };
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
