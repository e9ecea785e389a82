import fs from 'node:fs';
import path from 'node:path';
import {
  type Definition,
  hasJsonRecords,
  headerOf,
  keyColumn,
  pointerOf,
} from '@landfall/contracts/dataset/definition';
import type { Row } from '@landfall/contracts/dataset/row';
import { definitionRows, valueJson } from './definition-rows.ts';
import { IMAGE, PROCESSED, SOURCE } from './source-directory.ts';

/** Characters of a JSON record: a member that no field reads fills it up. */
const JSON_BYTES = 1_000;

/** Creates a folder with two buckets, with `count` records of a definition and their companions in the source bucket. */
export function fillDirectoryWith(definition: Definition, root: string, count: number): void {
  for (const bucket of [SOURCE, PROCESSED]) fs.mkdirSync(path.join(root, bucket), { recursive: true });
  const { records, companions } = definition;
  for (const row of definitionRows(definition, count)) {
    const id = String(row[keyColumn(definition)]);
    write(root, keyFor(records, id), recordText(definition, row));
    for (const { files, column } of companions)
      if (row[column] !== null) write(root, keyFor(files, id), IMAGE);
  }
}

function write(root: string, key: string, content: string | Buffer): void {
  const file = path.join(root, SOURCE, key);
  // Of a flat pattern the folder exists already.
  if (key.includes('/')) fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}

/** A key that a pattern matches: in no extra folder, with the first extension. */
const keyFor = (pattern: string, id: string): string =>
  pattern
    .replaceAll('**/', '')
    .replace(/\{[^,}]+\}/, id)
    .replace(/\{([^,}]+),[^}]*\}$/, '$1')
    .replaceAll('*', 'x');

function recordText(definition: Definition, row: Row): string {
  const { fields } = definition;
  if (hasJsonRecords(definition)) return jsonRecord(definition, row);
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const values = fields.map((field) => {
    const value = row[field.name] ?? null;
    return value === null ? '' : cell(cellText(valueJson(field, value)));
  });
  return `${fields.map((field) => cell(headerOf(field))).join()}\n${values.join()}\n`;
}

const cellText = (json: string): string => (json.startsWith('"') ? JSON.parse(json) : json);

/** Members in the order of the fields, nested as their pointers say. */
function jsonRecord({ fields }: Definition, row: Row): string {
  const root = new Map<string, unknown>();
  for (const field of fields) {
    const names = pointerOf(field).slice(1).split('/');
    let at = root;
    for (const name of names.slice(0, -1)) {
      const inner = at.get(name) ?? new Map<string, unknown>();
      at.set(name, inner);
      at = inner as Map<string, unknown>;
    }
    at.set(names.at(-1) ?? '', valueJson(field, row[field.name] ?? null));
  }
  const text = jsonText(root);
  const filler = 'x'.repeat(Math.max(0, JSON_BYTES - text.length - ',"filler":""'.length));
  return `${text.slice(0, -1)},"filler":"${filler}"}\n`;
}

const jsonText = (members: Map<string, unknown>): string =>
  `{${[...members]
    .map(
      ([name, value]) => `${JSON.stringify(name)}:${value instanceof Map ? jsonText(value) : String(value)}`,
    )
    .join()}}`;
