import { MAX_NAME_LENGTH, NAME } from '../dataset/name.ts';

/**
 * A pattern of keys: literal text, `*` (any text inside of a segment), `**` + `/` (whole segments, perhaps none), one `{id}`, and for
 * companions one list of extensions, `{png,jpg}`. The letter case of the extension is free.
 */
export interface KeyPattern {
  /** The name in braces. */
  id: string;
  /** The parts of the pattern in front of the extension. */
  parts: readonly PatternPart[];
  /** In lower case, without dots, the most preferred first. */
  extensions: readonly string[];
}

export type PatternPart =
  | { kind: 'text'; text: string }
  /** Any text without a slash. */
  | { kind: 'any' }
  /** The id: text without a slash, at least one character. */
  | { kind: 'id' }
  /** Whole segments, each with its slash. */
  | { kind: 'segments' };

/** Why a text is not a key pattern, as the end of a sentence. */
export interface PatternProblem {
  problem: string;
  /** The pattern that is probably meant. */
  suggestion?: string | undefined;
}

const TOKEN = /^(?:\*\*\/|\*|\{[^{}]*\}|[^*{}]+)/;
const EXTENSION = /\.(?:\{([a-z0-9]+(?:,[a-z0-9]+)+)\}|([a-z0-9]+))$/;
/** More would let a long key take a long time to match. */
const MAX_SEGMENT_WILDCARDS = 2;

/**
 * Parses a key pattern.
 *
 * @param allowsList whether the extension may be a list
 */
export function parseKeyPattern(pattern: string, allowsList: boolean): KeyPattern | PatternProblem {
  const [ending = '', list, single] = EXTENSION.exec(pattern) ?? [];
  if (ending === '') return endingProblem(pattern, allowsList);
  if (list !== undefined && !allowsList)
    return { problem: 'has a list of extensions; only companions may have one' };
  const extensions = (list ?? single ?? '').split(',');
  if (new Set(extensions).size < extensions.length) return { problem: 'names an extension twice' };
  const parts: PatternPart[] = [];
  let id: string | undefined;
  for (let rest = pattern.slice(0, -ending.length); rest !== ''; ) {
    const [token = ''] = TOKEN.exec(rest) ?? [];
    if (token === '') return { problem: `has ${rest.slice(0, 1)} in a wrong place` };
    rest = rest.slice(token.length);
    if (token.startsWith('{')) {
      const name = token.slice(1, -1);
      if (name.length > MAX_NAME_LENGTH)
        return { problem: `has a name in braces of more than ${MAX_NAME_LENGTH} characters` };
      if (!NAME.test(name)) return { problem: `has ${token}, which is not a name` };
      if (id !== undefined) return { problem: 'has more than one name in braces' };
      id = name;
      parts.push({ kind: 'id' });
    } else if (token === '**/') parts.push({ kind: 'segments' });
    else parts.push(token === '*' ? { kind: 'any' } : { kind: 'text', text: token });
  }
  if (id === undefined) return { problem: 'has no name in braces, such as {id}' };
  const problem = problemOf(parts);
  return problem === undefined ? { id, parts, extensions } : { problem };
}

/** Braces around one extension, upper case and blanks are mistakes whose correction is clear. */
const NEAR_ENDING = /\.(?:\{([a-z0-9,. ]+)\}|([a-z0-9]+))$/i;

function endingProblem(pattern: string, allowsList: boolean): PatternProblem {
  const [ending = '', list, single] = NEAR_ENDING.exec(pattern) ?? [];
  const extensions = (list ?? single ?? '').toLowerCase().replace(/[. ]/g, '').split(',');
  const written = extensions.length > 1 ? `{${extensions.join(',')}}` : extensions.join('');
  const corrected = `${pattern.slice(0, pattern.length - ending.length)}.${written}`;
  // In `{isbn}/x.{id}`, the braces are not meant for an extension; then the rest has no other name in braces.
  const isClear = EXTENSION.test(corrected) && !('problem' in parseKeyPattern(corrected, allowsList));
  if (!isClear) return { problem: 'does not end in an extension in lower case, such as .csv' };
  const hasBraces = list !== undefined && extensions.length === 1;
  const problem = hasBraces
    ? 'has braces around one extension, which are not needed'
    : 'does not end in an extension in lower case, such as .csv';
  return { problem, suggestion: corrected };
}

/**
 * The pattern of a checked definition.
 *
 * @throws Error when it is none
 */
export function keyPatternOf(pattern: string): KeyPattern {
  const parsed = parseKeyPattern(pattern, true);
  if ('problem' in parsed) throw new Error(`the key pattern ${pattern} ${parsed.problem}`);
  return parsed;
}

function problemOf(parts: readonly PatternPart[]): string | undefined {
  const wildcards = parts.filter(({ kind }) => kind === 'segments');
  if (wildcards.length > MAX_SEGMENT_WILDCARDS) return `has **/ more than ${MAX_SEGMENT_WILDCARDS} times`;
  const shape = parts
    .map((part) => ({ text: textOf(part), any: '*', id: '{}', segments: '**/' })[part.kind])
    .join('');
  if (shape.startsWith('/')) return 'begins with a slash; keys do not';
  for (const [i, { kind }] of parts.entries()) {
    const before = parts[i - 1];
    if (kind === 'segments' && before && before.kind !== 'segments' && !textOf(before).endsWith('/')) {
      return 'has **/ inside of a segment; it stands for whole segments';
    }
  }
  const isShared = shape.split('/').some((segment) => segment.includes('{}') && segment.includes('*'));
  return isShared ? 'has * and the name in braces in one segment' : undefined;
}

const textOf = (part: PatternPart): string => (part.kind === 'text' ? part.text : '');

/** Whether a pattern is only `**` + `/{id}.<extension>`: any folder, the id, and the extension. */
export const isAnywhere = ({ parts }: KeyPattern): boolean =>
  parts.length === 2 && parts[0]?.kind === 'segments' && parts[1]?.kind === 'id';

/** A key that matches: the id as it is written, and the index of its extension. */
export interface KeyMatch {
  id: string;
  preference: number;
}

/** Compiles a pattern to a matcher. */
export function keyMatcher({ parts, extensions }: KeyPattern): (key: string) => KeyMatch | undefined {
  const path = parts.map((part, i) => expressionOf(part, parts.slice(i + 1))).join('');
  // Letters outside of the extension must be exact, so the flag `i` is only for it.
  const expression = new RegExp(
    `^${path}\\.(?:${extensions.map((each) => `(${ignoringCase(each)})`).join('|')})$`,
    's',
  );
  return (key) => {
    const [, id, ...found] = expression.exec(key) ?? [];
    return id === undefined ? undefined : { id, preference: found.findIndex((each) => each !== undefined) };
  };
}

/** @param next the parts after it */
function expressionOf(part: PatternPart, next: readonly PatternPart[]): string {
  switch (part.kind) {
    case 'text':
      return literal(part.text);
    case 'any':
      return anyExpression(next);
    case 'id':
      return '([^/]+)';
    case 'segments':
      return '(?:[^/]*/)*';
  }
}

/**
 * A `*` with a literal and another `*` after it ends in front of the first occurrence of the literal: if the rest of the segment
 * fits anywhere, it fits there. To try the other occurrences would take exponential time.
 */
function anyExpression([first, second]: readonly PatternPart[]): string {
  if (first?.kind === 'any') return '';
  if (first?.kind !== 'text' || second?.kind !== 'any' || first.text.includes('/')) return '[^/]*';
  return `(?:(?!${literal(first.text)})[^/])*`;
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const ignoringCase = (extension: string): string =>
  extension.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
