import type { Definition } from '@landfall/contracts/dataset/definition';
import { jsonFaults, MAX_LEVELS } from '@landfall/contracts/text/json-text';
import type { Fault } from '../source/record.ts';
import { shown } from './visible-text.ts';

/** A number as it is written: `JSON.parse` would round it, and read 5.0 and 1e2 as integers. */
interface NumberText {
  [NUMBER]: string;
}
/** No member of a JSON text has this name. */
const NUMBER = Symbol('number');

/**
 * Matches numbers that a definition reads in another way when `JSON.parse` has read them before: those with an exponent, `-0`, 16
 * digits with a point, a fraction of zeros, which an integer must not have, or a zero at the end of a fraction that is longer than
 * a decimal may have. Texts in quotes may match as well; the exact reader then reads the record.
 */
export function inexactNumber({ fields }: Definition): RegExp {
  const scales = fields.flatMap((field) => (field.type === 'decimal' ? [field.scale] : []));
  const tooLong = scales.length > 0 ? `|\\.\\d{${Math.min(...scales)},}0(?!\\d)` : '';
  return new RegExp(`\\d[eE]|\\.0+(?!\\d)${tooLong}|-0(?![.\\d])|[\\d.]{17}`);
}

/**
 * Parses a text with one object.
 *
 * @param inexact of `inexactNumber`
 * @returns undefined when the text is not one object, a member may occur twice, or a number may not be exact
 */
export function parsePlain(text: string, inexact: RegExp): object | undefined {
  if (inexact.test(text)) return undefined;
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

/** The number of members of a value and of all values in it; NaN when they are nested too deeply. */
function membersOf(value: object, level: number): number {
  if (level === MAX_LEVELS) return Number.NaN;
  let members = 0;
  const isArray = Array.isArray(value);
  for (const each of isArray ? value : Object.values(value)) {
    if (!isArray) members++;
    if (typeof each === 'object' && each !== null) members += membersOf(each, level + 1);
  }
  return members;
}

/** Parses a text with one object. Numbers become `NumberText`. */
export function parseExact(text: string): { value: object } | Fault {
  const written = structureOf(text);
  // `JSON.parse` reads any nesting, but calls the function below from within itself.
  if (written.levels > MAX_LEVELS) return syntaxFault(text);
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
  } catch {
    return syntaxFault(text);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isNumberText(value)) {
    return { reason: 'malformed_json', detail: 'the text is not one JSON object' };
  }
  // The whole text counts as a member of an object that `JSON.parse` makes.
  return written.members === members - 1 ? { value } : syntaxFault(text);
}

/**
 * The members and the levels of nesting of a JSON text, without its values. Members that occur twice count twice. Of another text, the
 * figures mean nothing.
 */
export function structureOf(text: string): { members: number; levels: number } {
  let [members, level, levels] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfText(text, at);
    else if (unit === COLON) members++;
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) levels = Math.max(levels, ++level);
    else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) level--;
  }
  return { members, levels };
}

const [SPACE, QUOTE, COLON, BACKSLASH] = [0x20, 0x22, 0x3a, 0x5c];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The position of the quote that ends the text that begins at `start`; the end when there is none. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  // A quote after an odd number of backslashes is part of the text.
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
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

const isNumberText = (value: object): value is NumberText => NUMBER in value;

/** The text of a number; undefined for another value. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' && value !== null && isNumberText(value) ? value[NUMBER] : undefined;
}
