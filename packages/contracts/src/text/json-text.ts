import { type Node, type ParseError, parseTree, printParseErrorCode, visit } from 'jsonc-parser';
import { isKept } from '../values/exact-number.ts';

/** A place in a JSON text, and what is wrong there. */
export interface JsonFault {
  /** Position of a syntax error, counted from 1. */
  at?: { line: number; column: number };
  /** JSON pointer (RFC 6901) of a member that occurs twice. */
  pointer?: string;
  message: string;
}

/**
 * Finds what is wrong with a JSON text: the first syntax error, otherwise every member that occurs twice (`JSON.parse` takes the last
 * one). Slow; for texts that are known to be faulty, and for files that are read once.
 *
 * @param text without a byte-order mark
 */
export function jsonFaults(text: string): JsonFault[] {
  if (text.trim() === '') return [{ message: 'the file is empty' }];
  try {
    return faultsOf(text);
  } catch (error) {
    // The call stack does not hold the nesting.
    if (error instanceof RangeError) return [{ message: 'values are nested too deeply' }];
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
      rounded.push({
        pointer: pathOf()
          .map((part) => `/${escapePointer(String(part))}`)
          .join(''),
        number,
      });
    },
  });
  return rounded;
}

function faultsOf(text: string): JsonFault[] {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const [error] = errors;
  if (error)
    return [
      {
        at: positionAt(text, error.offset),
        message: SYNTAX[error.error] ?? printParseErrorCode(error.error),
      },
    ];
  return root ? duplicateMembers(root, '') : [];
}

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

function duplicateMembers(node: Node, pointer: string): JsonFault[] {
  const children = node.children ?? [];
  if (node.type === 'array') {
    return children.flatMap((child, i) => duplicateMembers(child, `${pointer}/${i}`));
  }
  if (node.type !== 'object') return [];
  const known = new Set<string>();
  return children.flatMap(({ children: [name, value] = [] }) => {
    const member = String(name?.value);
    const at = `${pointer}/${escapePointer(member)}`;
    const own = known.has(member) ? [{ pointer: at, message: 'occurs twice' }] : [];
    known.add(member);
    return value ? [...own, ...duplicateMembers(value, at)] : own;
  });
}

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
