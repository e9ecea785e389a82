import { type Definition, type Field, pointerOf } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { jsonFaults, parsePointer } from '@landfall/contracts/text/json-text';
import { type Problem, readText } from '@landfall/contracts/values/read-text';
import { type Fault, isFault, type Reading } from '../source/record.ts';
import { isBlank, shown } from './visible-text.ts';

/** A number as it is written: `JSON.parse` would round it, and read 5.0 and 1e2 as integers. */
interface NumberText {
  [NUMBER]: string;
}
/** No member of a JSON text has this name. */
const NUMBER = Symbol('number');

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

/**
 * A number that `JSON.parse` may not give back as it is written: with an exponent, a zero at the end of its fraction, `-0`, or 16
 * digits with a point. Texts in quotes may match as well; the exact reader then reads the record.
 */
const INEXACT = /\d[eE]|\.\d*0(?!\d)|-0(?![.\d])|[\d.]{17}/;

/** Returns the reader of a definition's records. A property test checks that both ways to read give the same. */
export function jsonRecordReader(definition: Definition): JsonRecordReader {
  const readFields = fieldsReader(definition);

  function readExact(text: string): Reading {
    const parsed = parseExact(text);
    return 'value' in parsed ? readFields(parsed.value) : parsed;
  }

  return {
    readExact,
    read(text) {
      const value = INEXACT.test(text) ? undefined : parsePlain(text);
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
  const missing = new Set(definition.missing ?? ['']);
  return (document) => {
    const record: Record<string, Value> = {};
    const absent: string[] = [];
    for (const { field, pointer, path } of fields) {
      const found = valueAt(document, path);
      const value = isMissing(found, missing) ? null : readValue(field, found);
      if (value !== null && typeof value === 'object') {
        return { reason: `invalid_${field.name}`, detail: `${pointer}: ${describe(found)} ${value.problem}` };
      }
      if (value === null && !field.optional) absent.push(pointer);
      record[field.name] = value;
    }
    if (absent.length === 0) return record;
    return { reason: 'missing_value', detail: `no value for ${absent.join(', ')}` };
  };
}

/** @returns undefined when the text is not one object, or a member may occur twice */
function parsePlain(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && countQuotedColons(text) === membersOf(value, 0) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The number of colons after a quote. Each member has one. A text may have more of them after an escaped quote: the counts then
 * differ, and the exact reader reads the record.
 */
function countQuotedColons(text: string): number {
  let colons = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) <= SPACE) before--;
    if (text.charCodeAt(before) === QUOTE) colons++;
  }
  return colons;
}

/** Levels of nesting that are counted by recursion. */
const MAX_LEVELS = 64;

/** The number of members of a value and of all values in it; NaN when they are nested too deeply. */
function membersOf(value: object, level: number): number {
  if (level > MAX_LEVELS) return Number.NaN;
  let members = 0;
  const isArray = Array.isArray(value);
  for (const each of isArray ? value : Object.values(value)) {
    if (!isArray) members++;
    if (typeof each === 'object' && each !== null) members += membersOf(each, level + 1);
  }
  return members;
}

/** Parses a text with one object. Numbers become `NumberText`. */
function parseExact(text: string): { value: object } | Fault {
  let members = 0;
  let value: unknown;
  try {
    value = JSON.parse(
      text,
      function (this: unknown, _name: string, each: unknown, context?: { source: string }) {
        if (!Array.isArray(this)) members++;
        return typeof each === 'number' ? { [NUMBER]: context?.source ?? String(each) } : each;
      },
    );
  } catch (error) {
    // V8's call stack does not hold the nesting.
    if (error instanceof RangeError)
      return { reason: 'malformed_json', detail: 'values are nested too deeply' };
    return syntaxFault(text);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isNumberText(value)) {
    return { reason: 'malformed_json', detail: 'the text is not one JSON object' };
  }
  // The whole text counts as a member of an object that `JSON.parse` makes.
  return countMembers(text) === members - 1 ? { value } : syntaxFault(text);
}

/** The number of members in a valid JSON text: of colons outside of texts. Members that occur twice count twice. */
function countMembers(text: string): number {
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === COLON) members++;
    else if (unit === QUOTE) at = endOfText(text, at);
  }
  return members;
}

const [SPACE, QUOTE, COLON, BACKSLASH] = [0x20, 0x22, 0x3a, 0x5c];

/** The position of the quote that ends the text that begins at `start`. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  // A quote after an odd number of backslashes is part of the text.
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

function syntaxFault(text: string): Fault {
  const [fault] = jsonFaults(text);
  const where = fault?.at ? `line ${fault.at.line}, column ${fault.at.column}: ` : '';
  const what = fault?.pointer === undefined ? fault?.message : `${shown(fault.pointer)} ${fault.message}`;
  return { reason: 'malformed_json', detail: `${where}${what ?? 'the text is not JSON'}` };
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

const isMissing = (value: unknown, missing: ReadonlySet<string>): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'string' && (isBlank(value) || missing.has(value.trim())));

const isNumberText = (value: object): value is NumberText => NUMBER in value;

/** The text of a number; undefined for another value. */
function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' && value !== null && isNumberText(value) ? value[NUMBER] : undefined;
}

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
