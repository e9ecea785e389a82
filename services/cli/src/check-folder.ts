import fs from 'node:fs';
import path from 'node:path';
import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Reject } from '@landfall/contracts/dataset/reject';
import type { Row } from '@landfall/contracts/dataset/row';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { passedOverTest } from '@landfall/contracts/definition/passed-over-keys';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { aggregate } from '@landfall/ingestor/aggregate/aggregate';
import { match } from '@landfall/ingestor/match/match';
import { recordParser } from '@landfall/ingestor/parse/parse';
import { sourceKeyParser } from '@landfall/ingestor/source/source-key';
import { type FolderFile, listFiles } from './folder-files.ts';

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
  rejects: Omit<Reject, 'since'>[];
  /** The header and the first row of output.csv; undefined without a row. */
  sample: { header: string; line: string } | undefined;
}

/** Keys of other files that are shown. */
const MAX_EXAMPLES = 3;

/**
 * Reads the files of a folder as a run would, without storing anything.
 *
 * @param now ms since 1970 UTC
 * @throws Error of the file system
 */
export function checkFolder(definition: Definition, folder: string, now: number): CheckResult {
  const parseKey = sourceKeyParser(definition);
  const files = listFiles(folder, passedOverTest(definition)).map((file) => ({
    ...file,
    source: parseKey(file.key),
  }));
  const byId = new Map<string, FolderFile[]>();
  for (const { source, ...file } of files) {
    if (source.kind !== 'other') byId.set(source.id, [...(byId.get(source.id) ?? []), file]);
  }
  const { header, formatRow } = rowCodec(definition);
  const rejects: CheckResult['rejects'] = [];
  const lines: string[] = [];
  let orphans = 0;
  const bucket = path.basename(path.resolve(folder));
  for (const [id, own] of [...byId].sort(([a], [b]) => compareBytes(a, b))) {
    const result = readRow(definition, bucket, id, own, now);
    rejects.push(...result.rejects);
    if (result.row) lines.push(formatRow(result.row));
    orphans += result.orphans;
  }
  const others = files.filter(({ source }) => source.kind === 'other').map(({ key }) => key);
  const count = (kind: string) => files.filter(({ source }) => source.kind === kind).length;
  const [line] = lines;
  return {
    records: count('record'),
    rows: lines.length,
    companions: count('companion'),
    orphans,
    others: { count: others.length, examples: others.slice(0, MAX_EXAMPLES) },
    rejects,
    sample: line === undefined ? undefined : { header, line },
  };
}

function readRow(
  definition: Definition,
  bucket: string,
  id: string,
  files: readonly FolderFile[],
  now: number,
): { row: Row | undefined; rejects: CheckResult['rejects']; orphans: number } {
  const objects = match(
    definition,
    id,
    files.map(({ key, size }) => ({ key, size, etag: '' })),
  );
  const [owner] = objects.records;
  const file = files.find(({ key }) => key === owner?.key)?.file;
  const reading = file === undefined ? undefined : recordParser(definition).parse(fs.readFileSync(file));
  const context = { definition, keyName: keyColumn(definition), bucket, now };
  const made = aggregate(context, id, objects, reading, () => undefined);
  return { ...made, orphans: owner ? 0 : objects.companionCount };
}
