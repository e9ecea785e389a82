import { printParseErrorCode, visit } from 'jsonc-parser';
import { isKept } from '../values/exact-number.ts';

/** A place in a JSON text, and what is wrong there. */
export interface JsonFault {
  /** Position of a syntax error or of nesting that is too deep, counted from 1. */
  at?: { line: number; column: number };
  /** JSON pointer (RFC 6901) of a member that occurs twice. */
  pointer?: string;
  message: string;
}

/**
 * Levels of nesting that a JSON text may have: an object in an object is the second one. Parsers that call themselves for each level
 * would otherwise end where the call stack of their thread ends. Records that people write have less than ten levels; the limits of
 * other parsers are 64 (.NET), 100 (Ruby) and 128 (serde).
 */
export const MAX_LEVELS = 100;

/**
 * Finds what is wrong with a JSON text: the first syntax error or nesting that is too deep, otherwise every member that occurs twice
 * (`JSON.parse` takes the last one). Slow; for texts that are known to be faulty, and for files that are read once.
 *
 * @param text without a byte-order mark
 */
export function jsonFaults(text: string): JsonFault[] {
  if (text.trim() === '') return [{ message: 'the file is empty' }];
  try {
    return duplicateMembers(text);
  } catch (error) {
    if (error instanceof Unreadable) return [error.fault];
    throw error;
  }
}

/**
 * Finds the numbers that `JSON.parse` rounds.
 *
 * @param text valid JSON
 */
export function roundedNumbers(text: string): { pointer: string; number: string }[] {
  const rounded: { pointer: string; number: string }[] = [];
  visit(text, {
    onLiteralValue(value, offset, length, _line, _column, pathOf) {
      const number = text.slice(offset, offset + length);
      if (typeof value !== 'number' || isKept(number)) return;
      rounded.push({ pointer: pointerTo(pathOf()), number });
    },
  });
  return rounded;
}

/** Stops the parser, which would try to go on after an error. */
class Unreadable extends Error {
  readonly fault: JsonFault;

  constructor(text: string, offset: number, message: string) {
    super(message);
    this.fault = { at: positionAt(text, offset), message };
  }
}

/** @throws Unreadable at the first syntax error, or where the nesting is too deep */
function duplicateMembers(text: string): JsonFault[] {
  const duplicates: JsonFault[] = [];
  /** The names of the members of each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  function begin(names: Set<string> | undefined, offset: number): void {
    open.push(names);
    if (open.length > MAX_LEVELS) throw new Unreadable(text, offset, TOO_DEEP);
  }
  const end = () => void open.pop();
  visit(
    text,
    {
      onObjectBegin: (offset) => begin(new Set(), offset),
      onArrayBegin: (offset) => begin(undefined, offset),
      onObjectEnd: end,
      onArrayEnd: end,
      onObjectProperty(name, _offset, _length, _line, _column, pathOf) {
        const known = open.at(-1);
        if (known?.has(name)) {
          duplicates.push({ pointer: pointerTo([...pathOf(), name]), message: 'occurs twice' });
        }
        known?.add(name);
      },
      onError(error, offset) {
        throw new Unreadable(text, offset, SYNTAX[error] ?? printParseErrorCode(error));
      },
    },
    { disallowComments: true },
  );
  return duplicates;
}

const TOO_DEEP = `values are nested more than ${MAX_LEVELS} levels deep`;

/** Messages for the error codes of jsonc-parser that people meet most often. */
const SYNTAX: Readonly<Record<number, string>> = {
  1: 'a word or character that is not JSON',
  3: 'a member name in double quotes is missing',
  4: 'a value is missing',
  5: 'a colon is missing',
  6: 'a comma is missing',
  7: 'a closing brace is missing',
  8: 'a closing bracket is missing',
  9: 'something follows the end of the value',
  10: 'a comment',
  12: 'a text without a closing quote',
};

function positionAt(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

const pointerTo = (path: readonly (string | number)[]): string =>
  path.map((part) => `/${escapePointer(String(part))}`).join('');

/** A member name as a part of a JSON pointer. */
export const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** The member names and indexes of a JSON pointer (RFC 6901). @returns undefined when it is none */
export function parsePointer(pointer: string): string[] | undefined {
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
