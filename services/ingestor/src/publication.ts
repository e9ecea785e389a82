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
  };
}
