import path from 'node:path';
import type { Companion, Field } from '@landfall/contracts/dataset/definition';
import { isPassedOver } from '@landfall/contracts/text/passed-over';
import type { ListedObject } from '@landfall/object-store/object-store';
import { BUCKET, listFiles } from './folder-files.ts';
import { largestGroup, layoutOf } from './folder-layout.ts';
import { inferField } from './infer-field.ts';
import { type RecordTexts, recordTexts, textsByField } from './record-texts.ts';
import { UsageError } from './usage-error.ts';

/** A first definition, as a definition file. */
export interface Description {
  $schema: string;
  name: string;
  one: string;
  records: string;
  fields: readonly Field[];
  companions: readonly Pick<Companion, 'name' | 'files'>[];
  statistics: readonly string[];
}

/** A description, and what it was made of. */
export interface Described {
  description: Description;
  /** Records of the folder, and how many of them were read without a fault. */
  records: { found: number; read: number };
  /** Files that look like records and were not used, each with the reason, as the end of a sentence. */
  ignored: { key: string; reason: string }[];
}

/** Records that are read. */
const SAMPLES = 200;
/** Of each of them, bytes. */
const MAX_BYTES = 2 ** 20;
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
  const one = name.length > 2 && name.endsWith('s') ? name.slice(0, -1) : `${name}_row`;
  const layout = layoutOf(files, ofFormat, extension, `${one}_id`);
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
  for (const { key } of layout.recordFiles.slice(0, SAMPLES)) {
    const { bytes } = await store.read(BUCKET, key, MAX_BYTES);
    const texts = recordTexts(Buffer.from(bytes).toString(), extension === 'json');
    if (texts) read.push(texts);
    else
      ignored.push({ key, reason: extension === 'json' ? 'is not a JSON object' : 'is not CSV with a row' });
  }
  const fields = uniquelyNamed(
    [...textsByField(read)].map(([from, texts]) => inferField(toName(from, 'field'), from, texts)),
  );
  const description = {
    $schema: 'dataset.schema.json',
    name,
    one,
    records: layout.records,
    fields,
    companions: uniquelyNamed(
      layout.companions.map((companion) => ({ ...companion, name: toName(companion.name, 'file') })),
    ),
    statistics: fields
      .filter(({ type }) => type === 'integer' || type === 'decimal')
      .map(({ name }) => name)
      .slice(0, MAX_STATISTICS),
  };
  return { description, records: { found: layout.recordFiles.length, read: read.length }, ignored };
}

/** What was read and what was not, for people. */
export function describeReport({ records, ignored }: Described): string {
  const [first] = ignored;
  const read = records.read === records.found ? records.read : `${records.read} of ${records.found}`;
  const rest = first ? `; ignored ${ignored.length}: ${first.key} ${first.reason}` : '';
  return `read ${read} ${records.found === 1 ? 'record' : 'records'}${rest}\n`;
}

const isRecordLike = (file: ListedObject): boolean => ['csv', 'json'].includes(extensionOf(file));

const extensionOf = ({ key }: ListedObject): string => path.extname(key).slice(1).toLowerCase();

/** A name of the form that definitions have. */
function toName(text: string, fallback: string): string {
  const name = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 40)
    .replace(/_+$/, '');
  return name === '' ? fallback : name;
}

function uniquelyNamed<Named extends { readonly name: string }>(fields: readonly Named[]): Named[] {
  const known = new Map<string, number>();
  return fields.map((field) => {
    const count = (known.get(field.name) ?? 0) + 1;
    known.set(field.name, count);
    return count === 1 ? field : { ...field, name: `${field.name}_${count}` };
  });
}
