import {
  deltaKey,
  type Manifest,
  rejectsSnapshotKey,
  snapshotKey,
} from '@landfall/contracts/dataset/manifest';
import { directoryStore } from '@landfall/object-store/directory-store';
import type { ListedObject, ObjectStore } from '@landfall/object-store/object-store';
import fc from 'fast-check';
import t from 'tap';
import { pruneSnapshots } from './prune-snapshots.ts';

const NOW = Date.UTC(2026, 5, 1);
const MINUTE = 60_000;
const VERSION = 'a'.repeat(64);

/** Generations 1 to `newest`, each with a snapshot, rejects and a delta of `bytes` bytes, a second apart. */
function listingOf(newest: number, bytes: number, ageMs: number): Map<string, ListedObject> {
  const listing = new Map<string, ListedObject>();
  for (let generation = 1; generation <= newest; generation++) {
    const modified = NOW - ageMs - (newest - generation) * 1_000;
    for (const [key, size] of [
      [snapshotKey(generation, VERSION), bytes],
      [rejectsSnapshotKey(generation, VERSION), 1],
      [deltaKey(generation, VERSION), 1],
    ] as const) {
      listing.set(key, { key, size, etag: 'e', modified });
    }
  }
  return listing;
}

function manifestOf(generation: number, size: number): Manifest {
  const object = (key: string) => ({ key, size, etag: 'e', rows: 1 });
  return {
    generation,
    version: VERSION,
    created_at: new Date(NOW).toISOString(),
    rows: 1,
    snapshot: object(snapshotKey(generation, VERSION)),
    output: object('output.csv'),
    rejects_snapshot: { ...object(rejectsSnapshotKey(generation, VERSION)), size: 1 },
    rejects: object('rejects.csv'),
    delta: {
      ...object(deltaKey(generation, VERSION)),
      size: 1,
      sha256: VERSION,
      base: { generation: Math.max(1, generation - 1), version: VERSION },
    },
  };
}

/** The keys that are left. */
async function prune(
  listing: Map<string, ListedObject>,
  manifest: Manifest,
  keep: number,
  maxYoungBytes: number,
): Promise<Set<string>> {
  const left = new Set(listing.keys());
  const store: ObjectStore = {
    ...directoryStore('/nowhere'),
    remove: async (_bucket, key) => void left.delete(key),
  };
  await pruneSnapshots(store, 'processed-data', listing, manifest, keep, NOW, maxYoungBytes);
  return left;
}

t.test('young generations are kept up to a size, and the oldest are removed first', async (t) => {
  const listing = listingOf(300, 1_000, 0);
  const left = await prune(listing, manifestOf(300, 1_000), 10, 50_000);
  const snapshots = [...left].filter((key) => key.startsWith('datasets/') && !key.includes('rejects'));
  t.ok(snapshots.length >= 48 && snapshots.length <= 50, `${snapshots.length} snapshots`);
  t.ok(left.has(snapshotKey(300, VERSION)));
  t.notOk(left.has(snapshotKey(1, VERSION)));
});

t.test('the last generations are kept and old ones are removed, at any size', async (t) => {
  const keys = (from: number) => (key: string) => Number(/\d+/.exec(key)) >= from;
  const large = await prune(listingOf(30, 1_000_000, 0), manifestOf(30, 1_000_000), 10, 1);
  t.ok([...listingOf(30, 1, 0).keys()].filter(keys(21)).every((key) => large.has(key)));
  const old = await prune(listingOf(30, 1, 16 * MINUTE), manifestOf(30, 1), 10, 1_000_000);
  t.same(old.size, 30);
});

t.test('objects that the manifest names are never removed', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(20 * MINUTE),
      async (newest, published, keep, ageMs) => {
        const manifest = manifestOf(published, 1_000);
        const listing = listingOf(newest, 1_000, ageMs);
        const left = await prune(listing, manifest, keep, 1_000);
        for (const { key } of [
          manifest.snapshot,
          manifest.rejects_snapshot,
          manifest.delta ?? manifest.output,
        ])
          if (listing.has(key)) t.ok(left.has(key), key);
      },
    ),
  );
});
