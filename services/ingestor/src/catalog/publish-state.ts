import { type Manifest, parseManifest } from '@landfall/contracts/dataset/manifest';
import type { RunCounts } from '@landfall/contracts/messages/run';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import type { RowPeak } from './row-peaks.ts';

/** A generation that is being published: from before its first object is written until its manifest is confirmed. */
export interface PublishAttempt {
  generation: number;
  version: string;
  /** The text of its manifest.json; undefined until just before it is put. */
  text?: string;
  counts?: RunCounts | undefined;
}

/** What the catalog knows about the published data set. */
export interface PublishState {
  /** The manifest that was published last; undefined before the first publication. */
  manifest: Manifest | undefined;
  /** The text of manifest.json, byte by byte. */
  text: string | undefined;
  /** The ETag of manifest.json when it was last written or read. */
  etag: string | undefined;
  /** The counts of the run that published it; undefined if another ingestor did. */
  counts: RunCounts | undefined;
  /** Whether rows or rejects have changed since. */
  dirty: boolean;
  attempt: PublishAttempt | undefined;
  /** Row counts of earlier generations that the published manifest does not contain. */
  rowPeaks: RowPeak[];
}

/** A published manifest.json. */
export interface PublishedManifest {
  text: string;
  etag: string;
}

interface PublishStateRow {
  manifest: string | null;
  etag: string | null;
  counts: string | null;
  dirty: 0 | 1;
  attempt: string | null;
  row_peaks: string | null;
}

/** The part of the catalog that records what is published, and which rows have changed since. */
export function openPublishState(db: StateFile) {
  const select = db.prepare<[], PublishStateRow>('SELECT * FROM publish_state');
  const setPublished = db.prepare(
    'UPDATE publish_state SET manifest = ?, etag = ?, counts = ?, dirty = 0, attempt = NULL',
  );
  const discardPublished = db.prepare('UPDATE publish_state SET manifest = NULL, etag = NULL, counts = NULL');
  const isPublished = db.prepare<[], 0 | 1>('SELECT manifest IS NOT NULL FROM publish_state').pluck();
  const openInsertChanged = bulkInsert(db, 'INSERT OR IGNORE INTO changed_rows', 1);
  const setDirty = db.prepare('UPDATE publish_state SET dirty = 1');
  const setEtag = db.prepare('UPDATE publish_state SET etag = ?');
  const setAttempt = db.prepare('UPDATE publish_state SET attempt = ?');
  const setRowPeaks = db.prepare('UPDATE publish_state SET row_peaks = ?');

  return {
    publishState(): PublishState {
      const row = select.get();
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
    /** Records that this manifest is published and describes the catalog's rows and rejects. */
    setPublished: db.transaction(({ text, etag }: PublishedManifest, counts: RunCounts | undefined): void => {
      setPublished.run(text, etag, counts ? JSON.stringify(counts) : null);
      db.exec('DELETE FROM changed_rows');
    }),
    /** Records a new ETag of the same manifest.json. */
    setEtag: (etag: string) => setEtag.run(etag),
    setAttempt: (attempt: PublishAttempt | undefined) =>
      setAttempt.run(attempt === undefined ? null : JSON.stringify(attempt)),
    setRowPeaks: (peaks: readonly RowPeak[]) =>
      setRowPeaks.run(peaks.length === 0 ? null : JSON.stringify(peaks)),
    setDirty: () => setDirty.run(),
    /** Marks rows and rejects as unreliable: the next run restores them from the published data set. */
    discardPublished: () => discardPublished.run(),
    /** Records rows that differ from the published data set. */
    addChanged(rowIds: readonly string[]): void {
      if (!isPublished.get()) return;
      const insert = openInsertChanged();
      for (const rowId of rowIds) insert.add(rowId);
      insert.flush();
    },
  };
}
