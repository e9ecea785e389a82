import { type Definition, type Field, pointerOf } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { escapePointer, parsePointer } from '@landfall/contracts/text/json-text';
import { type Problem, readText } from '@landfall/contracts/values/read-text';
import { isFault, type Reading } from '../source/record.ts';
import { inexactNumber, numberText, parseExact, parsePlain } from './json-document.ts';
import { missingTest } from './missing-value.ts';
import { shown } from './visible-text.ts';

/** Reads the JSON records of one definition. */
export interface JsonRecordReader {
  /**
   * Reads one object, with the values at the JSON pointers of the fields. Other members are ignored. A member that occurs twice,
   * anywhere in the text, is a fault, because it is not clear which one is meant.
   */
  read: (text: string) => Reading;
  /** The same without the fast path. */
  readExact: (text: string) => Reading;
}

/** Returns the reader of a definition's records. A property test checks that both ways to read give the same. */
export function jsonRecordReader(definition: Definition): JsonRecordReader {
  const readFields = fieldsReader(definition);
  const inexact = inexactNumber(definition);

  function readExact(text: string): Reading {
    const parsed = parseExact(text);
    return 'value' in parsed ? readFields(parsed.value) : parsed;
  }

  return {
    readExact,
    read(text) {
      const value = parsePlain(text, inexact);
      // The exact reader takes five times as long, and knows what is wrong.
      const reading = value && readFields(value);
      return reading && !isFault(reading) ? reading : readExact(text);
    },
  };
}

function fieldsReader(definition: Definition): (value: object) => Reading {
  const fields = definition.fields.map((field) => ({
    field,
    pointer: pointerOf(field),
    path: parsePointer(pointerOf(field)) ?? [],
  }));
  const isMissingText = missingTest(definition);
  return (document) => {
    const record: Record<string, Value> = {};
    const absent: string[] = [];
    for (const { field, pointer, path } of fields) {
      const found = valueAt(document, path);
      const value = isMissing(found, isMissingText) ? null : readValue(field, found);
      if (value !== null && typeof value === 'object') {
        return { reason: `invalid_${field.name}`, detail: `${pointer}: ${describe(found)} ${value.problem}` };
      }
      if (value === null && !field.optional) absent.push(`${pointer}${whyAbsent(document, path)}`);
      record[field.name] = value;
    }
    if (absent.length === 0) return record;
    return { reason: 'missing_value', detail: `no value for ${absent.join(', ')}` };
  };
}

/** The value at a path; undefined when there is none. */
function valueAt(value: object, path: readonly string[]): unknown {
  let at: unknown = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    if (Array.isArray(at) && !/^(?:0|[1-9]\d*)$/.test(part)) return undefined;
    at = Object.hasOwn(at, part) ? Reflect.get(at, part) : undefined;
  }
  return at;
}

/** Why there is no value at a path, when a value on the way to it is neither an object nor an array; else empty. */
function whyAbsent(document: object, path: readonly string[]): string {
  for (let length = 1; length < path.length; length++) {
    const way = path.slice(0, length);
    const value = valueAt(document, way);
    const isScalar = typeof value !== 'object' || numberText(value) !== undefined;
    if (value !== undefined && isScalar)
      return ` (/${way.map(escapePointer).join('/')} is ${kindOfScalar(value)} and not an object)`;
  }
  return '';
}

function kindOfScalar(value: unknown): string {
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'a boolean' : 'a number';
}

const isMissing = (value: unknown, isMissingText: (text: string) => boolean): boolean =>
  value === undefined || value === null || (typeof value === 'string' && isMissingText(value.trim()));

function readValue(field: Field, value: unknown): string | number | Problem {
  const kind = kindOf(field);
  const number = numberText(value);
  if (number !== undefined) {
    if (kind === 'number') return readText(field, number);
    if (kind === 'boolean') return number === '0' || number === '1' ? Number(number) : NOT_BOOLEAN;
    return { problem: 'is a number and not text' };
  }
  if (typeof value === 'boolean' && kind === 'boolean') return Number(value);
  if (typeof value !== 'string') return { problem: `is not ${KINDS[kind]}` };
  if (kind === 'number') return { problem: 'is text and not a number' };
  if (!value.isWellFormed()) return { problem: 'has half of a surrogate pair' };
  return value.includes('\0') ? { problem: 'has a NUL character (U+0000)' } : readText(field, value.trim());
}

const NOT_BOOLEAN = { problem: 'is not true, false, 1 or 0' };
const KINDS = { text: 'text', number: 'a number', boolean: 'true or false' };

function kindOf(field: Field): keyof typeof KINDS {
  if (field.type === 'boolean') return 'boolean';
  if (field.type === 'integer' || field.type === 'decimal') return 'number';
  return field.type === 'timestamp' && field.unit !== 'iso' ? 'number' : 'text';
}

/** A value as a message shows it. */
function describe(value: unknown): string {
  if (typeof value === 'string') return shown(value);
  if (Array.isArray(value)) return 'an array';
  return numberText(value) ?? (typeof value === 'object' ? 'an object' : String(value));
}
