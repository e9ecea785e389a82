import path from 'node:path';
import type { Companion, Field } from '@landfall/contracts/dataset/definition';
import { isPassedOver } from '@landfall/contracts/text/passed-over';
import type { ListedObject } from '@landfall/object-store/object-store';
import { BUCKET, listFiles } from './folder-files.ts';
import { layoutOf } from './folder-layout.ts';
import { inferField } from './infer-field.ts';
import { recordTexts } from './record-texts.ts';
import { UsageError } from './usage-error.ts';

/** A first definition, as a definition file. */
export interface Description {
  $schema: string;
  name: string;
  one: string;
  records: string;
  fields: readonly Field[];
  companions: readonly Pick<Companion, 'name' | 'files'>[];
}

/** Records that are read. */
const SAMPLES = 200;
/** Of each of them, bytes. */
const MAX_BYTES = 2 ** 20;

/**
 * Makes a first definition from the files of a folder, for a person to correct: the most frequent of CSV and JSON files are the
 * records, files that belong to the same rows are companions, and types are those that fit almost all values.
 *
 * @throws UsageError when there is no record, or the folder cannot be listed; StoreError when a record cannot be read
 */
export async function describeFolder(folder: string): Promise<Description> {
  const { store, files: listed } = await listFiles(folder, isPassedOver);
  const files = listed.filter(({ fault }) => !fault);
  const extension = mostFrequent(files.map(extensionOf).filter((each) => each === 'csv' || each === 'json'));
  if (extension === undefined) throw new UsageError(`${folder} has no .csv and no .json file`);
  const records = files.filter((file) => extensionOf(file) === extension);
  const texts: string[] = [];
  for (const { key } of records.slice(0, SAMPLES)) {
    const { bytes } = await store.read(BUCKET, key, MAX_BYTES);
    texts.push(Buffer.from(bytes).toString());
  }
  const values = recordTexts(texts, extension === 'json');
  const name = toName(path.basename(path.resolve(folder)), 'rows');
  const one = name.length > 2 && name.endsWith('s') ? name.slice(0, -1) : `${name}_row`;
  const layout = layoutOf(files, records, extension, `${one}_id`);
  const fields = uniquelyNamed(
    [...values].map(([from, texts]) => inferField(toName(from, 'field'), from, texts)),
  );
  return {
    $schema: 'dataset.schema.json',
    name,
    one,
    records: layout.records,
    fields,
    companions: uniquelyNamed(
      layout.companions.map((companion) => ({ ...companion, name: toName(companion.name, 'file') })),
    ),
  };
}

const extensionOf = ({ key }: ListedObject): string => path.extname(key).slice(1).toLowerCase();

function mostFrequent(texts: readonly string[]): string | undefined {
  const groups = [...Map.groupBy(texts, (text) => text).entries()];
  return groups.sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

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
