import { type Manifest, parseManifest } from '@landfall/contracts/dataset/manifest';
import type { RunCounts } from '@landfall/contracts/messages/run';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import type { RowPeak } from './row-peaks.ts';

/** A generation that is being published: from before its first object is written until its manifest is confirmed. */
export interface Attempt {
  generation: number;
  version: string;
  /** The text of its manifest.json; undefined before that is put. */
  text?: string;
  counts?: RunCounts | undefined;
}

/** The catalog's memory of what is published. */
export interface Publication {
  /** What was published last; undefined when nothing was. */
  manifest: Manifest | undefined;
  /** The text of manifest.json, byte by byte. */
  text: string | undefined;
  /** The ETag of manifest.json when it was last written or read. */
  etag: string | undefined;
  /** The counts of the run that did it; undefined when another ingestor, or one before, did. */
  counts: RunCounts | undefined;
  /** Whether users or rejects have changed since. */
  dirty: boolean;
  attempt: Attempt | undefined;
  /** Row counts of earlier generations that the published manifest does not hold. */
  rowPeaks: RowPeak[];
}

/** A manifest as it was published. */
export interface PublishedText {
  text: string;
  etag: string;
}

interface PublicationRow {
  manifest: string | null;
  etag: string | null;
  counts: string | null;
  dirty: 0 | 1;
  attempt: string | null;
  row_peaks: string | null;
}

/** The part of the catalog that is about publishing. */
export function openPublication(db: StateFile) {
  const publication = db.prepare<[], PublicationRow>('SELECT * FROM publication');
  const setPublished = db.prepare(
    'UPDATE publication SET manifest = ?, etag = ?, counts = ?, dirty = 0, attempt = NULL',
  );
  const forgetPublished = db.prepare('UPDATE publication SET manifest = NULL, etag = NULL, counts = NULL');
  const isPublished = db.prepare<[], 0 | 1>('SELECT manifest IS NOT NULL FROM publication').pluck();
  const beginChanged = bulkInsert(db, 'INSERT OR IGNORE INTO changed', 1);
  const setDirty = db.prepare('UPDATE publication SET dirty = 1');
  const setEtag = db.prepare('UPDATE publication SET etag = ?');
  const setAttempt = db.prepare('UPDATE publication SET attempt = ?');
  const setRowPeaks = db.prepare('UPDATE publication SET row_peaks = ?');

  return {
    publication(): Publication {
      const row = publication.get();
      return {
        manifest: row?.manifest ? parseManifest(Buffer.from(row.manifest)) : undefined,
        text: row?.manifest ?? undefined,
        etag: row?.etag ?? undefined,
        counts: row?.counts ? JSON.parse(row.counts) : undefined,
        dirty: row?.dirty === 1,
        attempt: row?.attempt ? JSON.parse(row.attempt) : undefined,
        rowPeaks: row?.row_peaks ? JSON.parse(row.row_peaks) : [],
      };
    },
    /** Users and rejects are now what this manifest stands for. */
    setPublished: db.transaction(({ text, etag }: PublishedText, counts: RunCounts | undefined): void => {
      setPublished.run(text, etag, counts ? JSON.stringify(counts) : null);
      db.exec('DELETE FROM changed');
    }),
    /** The published manifest is the same text under another ETag. */
    setEtag: (etag: string) => setEtag.run(etag),
    setAttempt: (attempt: Attempt | undefined) =>
      setAttempt.run(attempt === undefined ? null : JSON.stringify(attempt)),
    setRowPeaks: (peaks: readonly RowPeak[]) =>
      setRowPeaks.run(peaks.length === 0 ? null : JSON.stringify(peaks)),
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
