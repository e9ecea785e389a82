import path from 'node:path';
import { MAX_NAME_LENGTH } from '@landfall/contracts/dataset/name';
import {
  MAX_COMPANIONS,
  MAX_FIELDS,
  MAX_RECORD_BYTES,
} from '@landfall/contracts/definition/definition-schema';
import { isPassedOver } from '@landfall/contracts/text/passed-over';
import type { ListedObject } from '@landfall/object-store/object-store';
import { BUCKET, listFiles } from './folder-files.ts';
import { largestGroup, layoutOf } from './folder-layout.ts';
import { inferField } from './infer-field.ts';
import { type RecordTexts, recordTexts, textsByField } from './record-texts.ts';
import { type Repaired, repairDescription } from './repair-description.ts';
import { toName, uniquelyNamed } from './to-name.ts';
import { UsageError } from './usage-error.ts';

/** A description that the check of definitions accepts, and what it was made of. */
export interface Described extends Repaired {
  /** Records of the folder, and how many of them were read without a fault. */
  records: { found: number; read: number };
  /** Files that look like records and were not used, each with the reason, as the end of a sentence. */
  ignored: { key: string; reason: string }[];
}

/** Records that are read. */
const SAMPLES = 200;
/** The size up to which a definition needs no `max_bytes`. */
const USUAL_BYTES = 65_536;
/** Names in `statistics`, at most. Each takes time in every answer of `/stats`. */
const MAX_STATISTICS = 5;

/**
 * Makes a first definition from the files of a folder, for a person to correct: the most frequent of CSV and JSON files are the
 * records, files that belong to the same rows are companions, and types are those that fit almost all values. The first numbers
 * are statistics.
 *
 * @throws UsageError when there is no record, or the folder cannot be listed; StoreError when a record cannot be read
 */
export async function describeFolder(folder: string): Promise<Described> {
  const { store, files: listed } = await listFiles(folder, isPassedOver);
  const files = listed.filter(({ fault }) => !fault);
  const candidates = files.filter(isRecordLike);
  const ofFormat = largestGroup(candidates, extensionOf);
  const [first] = ofFormat;
  if (!first) throw new UsageError(`${folder} has no .csv and no .json file`);
  const extension = extensionOf(first);
  const name = toName(path.basename(path.resolve(folder)), 'rows');
  const one =
    name.length > 2 && name.endsWith('s') ? toName(name.slice(0, -1), 'row') : `${toName(name, 'x', 36)}_row`;
  const layout = layoutOf(files, ofFormat, extension, `${toName(one, 'x', MAX_NAME_LENGTH - 3)}_id`);
  const used = new Set([...layout.recordFiles, ...layout.companionFiles]);
  const ignored = [
    ...listed.flatMap((file) =>
      file.fault && isRecordLike(file)
        ? { key: file.key, reason: `cannot be read: ${file.fault.detail}` }
        : [],
    ),
    ...candidates.flatMap((file) =>
      used.has(file) ? [] : { key: file.key, reason: `does not fit ${layout.records}` },
    ),
  ];
  const read: RecordTexts[] = [];
  const samples = layout.recordFiles.slice(0, SAMPLES);
  for (const { key, size } of samples) {
    if (size > MAX_RECORD_BYTES) {
      ignored.push({ key, reason: `has ${size} bytes; a record has at most ${MAX_RECORD_BYTES}` });
      continue;
    }
    const { bytes } = await store.read(BUCKET, key, MAX_RECORD_BYTES);
    const texts = recordTexts(Buffer.from(bytes).toString(), extension === 'json');
    if (texts) read.push(texts);
    else
      ignored.push({ key, reason: extension === 'json' ? 'is not a JSON object' : 'is not CSV with a row' });
  }
  const found = [...textsByField(read)].filter(([from]) => from.trim() !== '');
  const fields = uniquelyNamed(
    found.slice(0, MAX_FIELDS).map(([from, texts]) => ({ name: toName(from, 'field'), from, texts })),
  ).map(({ name, from, texts }) => inferField(name, from, texts));
  const companions = uniquelyNamed(
    layout.companions.map((companion) => ({ ...companion, name: toName(companion.name, 'file') })),
  );
  const isLarge = layout.recordFiles.some(({ size }) => size > USUAL_BYTES);
  const { notes, ...repaired } = repairDescription({
    $schema: 'dataset.schema.json',
    name,
    one,
    records: layout.records,
    ...(isLarge ? { max_bytes: MAX_RECORD_BYTES } : {}),
    fields,
    companions: companions.slice(0, MAX_COMPANIONS),
    statistics: fields
      .filter(({ type }) => type === 'integer' || type === 'decimal')
      .map(({ name }) => name)
      .slice(0, MAX_STATISTICS),
  });
  return {
    ...repaired,
    notes: [
      ...leftOut(found.length, MAX_FIELDS, 'fields'),
      ...leftOut(companions.length, MAX_COMPANIONS, 'companions'),
      ...notes,
    ],
    records: { found: layout.recordFiles.length, read: read.length },
    ignored,
  };
}

const leftOut = (count: number, most: number, what: string): string[] =>
  count > most ? [`${count - most} ${what} are left out: a definition has at most ${most}`] : [];

/** What was read and what was not, and what a person has to know or to change. */
export function describeReport({ records, ignored, notes, faults }: Described): string {
  const [first] = ignored;
  const read = records.read === records.found ? records.read : `${records.read} of ${records.found}`;
  const rest = first ? `; ignored ${ignored.length}: ${first.key} ${first.reason}` : '';
  const lines = [
    `read ${read} ${records.found === 1 ? 'record' : 'records'}${rest}`,
    ...notes,
    ...faults.map(({ pointer, message }) => `change ${pointer}: it ${message}`),
  ];
  return `${lines.join('\n')}\n`;
}

const isRecordLike = (file: ListedObject): boolean => ['csv', 'json'].includes(extensionOf(file));

const extensionOf = ({ key }: ListedObject): string => path.extname(key).slice(1).toLowerCase();
