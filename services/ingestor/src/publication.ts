import { type Manifest, parseManifest } from '@landfall/contracts/manifest';
import type { RunCounts } from '@landfall/contracts/run';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';

/** The catalog's memory of what is published. */
export interface Publication {
  /** What was published last; undefined when nothing was. */
  manifest: Manifest | undefined;
  /** The counts of the run that did it; undefined when another ingestor, or one before, did. */
  counts: RunCounts | undefined;
  /** Whether users or rejects have changed since. */
  dirty: boolean;
}

/** A stretch of the service's own copy of output.csv. */
export interface Stretch {
  /** The header belongs to the first one, whose first user is ''. */
  first_user_id: string;
  bytes: number;
  rows: number;
  /** Whether one of its users has changed since it was written. */
  dirty: boolean;
}

/** The part of the catalog that is about publishing. */
export function openPublication(db: StateFile) {
  const publication = db.prepare<[], { manifest: string | null; counts: string | null; dirty: 0 | 1 }>(
    'SELECT manifest, counts, dirty FROM publication',
  );
  const setPublished = db.prepare('UPDATE publication SET manifest = ?, counts = ?, dirty = 0');
  const forgetPublished = db.prepare('UPDATE publication SET manifest = NULL, counts = NULL');
  const isPublished = db.prepare<[], 0 | 1>('SELECT manifest IS NOT NULL FROM publication').pluck();
  const beginChanged = bulkInsert(db, 'INSERT OR IGNORE INTO changed', 1);
  const setDirty = db.prepare('UPDATE publication SET dirty = 1');
  const copySha256 = db.prepare<[], string | null>('SELECT copy_sha256 FROM publication').pluck();
  const setCopySha256 = db.prepare<[string]>('UPDATE publication SET copy_sha256 = ?');
  const stretches = db.prepare<[], Omit<Stretch, 'dirty'> & { dirty: 0 | 1 }>(
    'SELECT * FROM stretches ORDER BY first_user_id',
  );
  const putStretch = db.prepare<[string, number, number]>('INSERT INTO stretches VALUES (?, ?, ?, 0)');
  const stretchOf = db
    .prepare<[string], string | null>('SELECT max(first_user_id) FROM stretches WHERE first_user_id <= ?')
    .pluck();
  const soilStretch = db.prepare<[string]>('UPDATE stretches SET dirty = 1 WHERE first_user_id = ?');

  return {
    publication(): Publication {
      const row = publication.get();
      return {
        manifest: row?.manifest ? parseManifest(Buffer.from(row.manifest)) : undefined,
        counts: row?.counts ? JSON.parse(row.counts) : undefined,
        dirty: row?.dirty === 1,
      };
    },
    /** Users and rejects are now what this manifest stands for. */
    setPublished: db.transaction((manifest: Manifest, counts: RunCounts | undefined): void => {
      setPublished.run(JSON.stringify(manifest), counts ? JSON.stringify(counts) : null);
      db.exec('DELETE FROM changed');
    }),
    setDirty: () => setDirty.run(),
    /** Users and rejects are not to be relied on: the next run takes them from what is published. */
    forgetPublished: () => forgetPublished.run(),
    /** The rows of these users are not any more what is published. */
    noteChanged(userIds: readonly string[]): void {
      if (!isPublished.get()) return;
      const changed = beginChanged();
      for (const userId of userIds) changed.add(userId);
      changed.flush();
    },

    /** The service's own copy of output.csv: its checksum (hex) and stretches; none when there is no copy. */
    copy: (): { sha256: string | undefined; stretches: Stretch[] } => ({
      sha256: copySha256.get() ?? undefined,
      stretches: stretches.all().map((row) => ({ ...row, dirty: row.dirty === 1 })),
    }),
    setCopy(sha256: string, now: readonly Stretch[]): void {
      setCopySha256.run(sha256);
      db.exec('DELETE FROM stretches');
      for (const { first_user_id, bytes, rows } of now) putStretch.run(first_user_id, bytes, rows);
    },
    /** The rows of these users, in any order, are not any more what the copy has. */
    soil(userIds: readonly string[]): void {
      if (stretchOf.get('') === null) return; // There is no copy.
      const soiled = new Set(userIds.map((userId) => stretchOf.get(userId)));
      for (const first of soiled) if (first != null) soilStretch.run(first);
    },
  };
}
