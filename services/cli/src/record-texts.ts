import { escapePointer, MAX_LEVELS } from '@landfall/contracts/text/json-text';
import { structureOf } from '@landfall/ingestor/parse/json-document';
import { parse } from 'csv-parse/sync';

/** A value as it is written. In JSON, it is a text in quotes or bare (a number, true or false); in CSV, it can be either. */
export interface WrittenValue {
  text: string;
  form: 'quoted' | 'bare' | 'either';
}

/** The values of a record, by CSV header or JSON pointer. */
export type RecordTexts = ReadonlyMap<string, WrittenValue>;

/** The values of a record; undefined when the text cannot be parsed. */
export const recordTexts = (text: string, isJson: boolean): RecordTexts | undefined =>
  isJson ? jsonTexts(text) : csvTexts(text);

/** The values of each field in some records, in the order of the first record. A record without the field has undefined. */
export function textsByField(records: readonly RecordTexts[]): Map<string, (WrittenValue | undefined)[]> {
  const names = new Set(records.flatMap((record) => [...record.keys()]));
  return new Map([...names].map((name) => [name, records.map((record) => record.get(name))]));
}

function csvTexts(text: string): Map<string, WrittenValue> | undefined {
  try {
    const [header, row]: string[][] = parse(text, { bom: true, trim: true, skip_empty_lines: true, to: 2 });
    return header && row && new Map(header.map((name, i) => [name, { text: row[i] ?? '', form: 'either' }]));
  } catch {
    return undefined;
  }
}

function jsonTexts(text: string): Map<string, WrittenValue> | undefined {
  // A run rejects such a record, too.
  if (structureOf(text).levels > MAX_LEVELS) return undefined;
  try {
    const texts = new Map<string, WrittenValue>();
    // The source of a number has its digits; `JSON.parse` drops zeros at the end.
    const digits = new Map<string, string>();
    JSON.parse(text.replace(/^\ufeff/, ''), (_name, value, context?: { source: string }) => {
      if (typeof value === 'number' && context)
        digits.set(String(value), longer(context.source, digits.get(String(value))));
      return value;
    });
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    addTexts(texts, '', value, digits);
    return texts;
  } catch {
    return undefined;
  }
}

/** Adds the scalars in an object. Arrays are left out: a field has one value. */
function addTexts(
  texts: Map<string, WrittenValue>,
  pointer: string,
  value: unknown,
  digits: ReadonlyMap<string, string>,
): void {
  if (Array.isArray(value) || value === null || value === undefined) return;
  if (typeof value !== 'object') {
    const isText = typeof value === 'string';
    const text = String(value);
    texts.set(pointer, {
      text: isText ? text : (digits.get(text) ?? text),
      form: isText ? 'quoted' : 'bare',
    });
    return;
  }
  for (const [name, each] of Object.entries(value)) {
    addTexts(texts, `${pointer}/${escapePointer(name)}`, each, digits);
  }
}

const longer = (a: string, b = ''): string => (b.length > a.length ? b : a);
