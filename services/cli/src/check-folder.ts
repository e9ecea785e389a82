import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Reject } from '@landfall/contracts/dataset/reject';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { passedOverTest } from '@landfall/contracts/definition/passed-over-keys';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { aggregate } from '@landfall/ingestor/aggregate/aggregate';
import { fetchRecords } from '@landfall/ingestor/fetch/fetch';
import { sourceKeyParser } from '@landfall/ingestor/source/source-key';
import { faultyObject, type SourceObject } from '@landfall/ingestor/source/source-object';
import { BUCKET, type FolderFiles, listFiles } from './folder-files.ts';

/** What a definition makes of a folder. */
export interface CheckResult {
  /** Files that are records. */
  records: number;
  /** Rows that they make. */
  rows: number;
  /** Files that are companions, and how many of them belong to no record. */
  companions: number;
  orphans: number;
  /** Files that match no pattern, with the first few keys. */
  others: { count: number; examples: string[] };
  /** Files that tools keep for themselves. */
  passedOver: number;
  rejects: Omit<Reject, 'since'>[];
  /** The header and the first row of output.csv; undefined without a row. */
  sample: { header: string; line: string } | undefined;
}

/** Keys of other files that are shown. */
const MAX_EXAMPLES = 3;
/** Records that are read at the same time, in stores that send requests. */
const CONCURRENCY = 8;

/**
 * Reads the files of a folder as a run does, without storing anything.
 *
 * @param now ms since 1970 UTC
 * @throws UsageError when the folder cannot be listed; StoreError that affects all files
 */
export async function checkFolder(definition: Definition, folder: string, now: number): Promise<CheckResult> {
  const { store, files, passedOver } = await listFiles(folder, passedOverTest(definition));
  const { byId, others, folders, counts } = sortFiles(definition, files);
  const pending = [...byId]
    .sort(([a], [b]) => compareBytes(a, b))
    .map(([rowId, objects]) => ({ rowId, objects, row: undefined, rejects: [], orphanImages: 0 }));
  const options = { definition, concurrency: CONCURRENCY, isUnsettled: () => false };
  const fetched = await fetchRecords(store, BUCKET, pending, options);

  const { header, formatRow } = rowCodec(definition);
  const context = { definition, keyName: keyColumn(definition), bucket: BUCKET, now };
  const rejects: CheckResult['rejects'] = [...folders];
  const lines: string[] = [];
  let orphans = 0;
  for (const { rowId, rowObjects, record } of fetched) {
    const made = aggregate(context, rowId, rowObjects, record?.reading, () => undefined);
    rejects.push(...made.rejects);
    if (made.row) lines.push(formatRow(made.row));
    if (!record) orphans += rowObjects.companionCount;
  }
  const [line] = lines;
  return {
    records: counts.record,
    rows: lines.length,
    companions: counts.companion,
    orphans,
    others: { count: others.length, examples: others.slice(0, MAX_EXAMPLES) },
    passedOver,
    rejects,
    sample: line === undefined ? undefined : { header, line },
  };
}

/** Sorts files by the rows that they belong to. `folders` are rejects of folders that cannot be read. */
function sortFiles(definition: Definition, files: FolderFiles['files']) {
  const parseKey = sourceKeyParser(definition);
  const byId = new Map<string, SourceObject[]>();
  const others: string[] = [];
  const folders: CheckResult['rejects'] = [];
  const counts = { record: 0, companion: 0 };
  for (const file of files) {
    const { key, fault } = file;
    const source = parseKey(key);
    if (source.kind !== 'other') {
      const objects = byId.get(source.id) ?? [];
      objects.push(fault ? faultyObject(key, fault) : file);
      byId.set(source.id, objects);
      counts[source.kind]++;
    } else if (fault && key.endsWith('/')) {
      folders.push({ key, id: '', reason: fault.code, detail: fault.detail, kept_previous: false });
    } else others.push(key);
  }
  return { byId, others, folders, counts };
}
