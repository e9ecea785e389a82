import type { KeyPattern, PatternPart } from './key-pattern.ts';

/**
 * A character of a key, or at its end the extension with its dot. Patterns treat all characters alike that none of them has as a
 * literal: `OTHER` stands for these.
 */
type Letter = string;
const OTHER: Letter = '';
const isExtension = (letter: Letter): boolean => letter.length > 1;

/** A part of a pattern that matches one character, or any number of them. */
type Step =
  | { kind: 'one'; letter: Letter }
  /** One character but a slash. */
  | { kind: 'char' }
  /** Any character but a slash, any number of times. */
  | { kind: 'many' }
  /** Any segments with their slashes. */
  | { kind: 'segments' };

/** Positions in the steps of a pattern; `.5` is inside of a segment of `segments`. */
type Positions = ReadonlySet<number>;

/** Sets of positions that are compared at most. Patterns that people write need some hundred. */
const MAX_STATES = 20_000;

/**
 * Whether every key that a pattern matches is matched by one of some others: it could never win. Decided exactly, by walking
 * through the automata of all patterns at once.
 *
 * @returns false, too, when the patterns are too complex to tell
 */
export function isCovered(pattern: KeyPattern, others: readonly KeyPattern[]): boolean {
  return pattern.extensions.every((extension) => {
    const own = stepsOf(pattern, extension);
    const rest = others.flatMap((other) => other.extensions.map((each) => stepsOf(other, each)));
    return isSubset(own, rest);
  });
}

function isSubset(own: readonly Step[], others: readonly (readonly Step[])[]): boolean {
  const letters = new Set<Letter>(['/', OTHER]);
  for (const step of [own, ...others].flat()) if (step.kind === 'one') letters.add(step.letter);
  const start = [own, ...others].map((steps) => closure(steps, new Set([0])));
  const queue = [start];
  const known = new Set([keyOf(start)]);
  for (let states = queue.pop(); states; states = queue.pop()) {
    const [mine = new Set<number>(), ...theirs] = states;
    const isMatch = mine.has(own.length);
    if (isMatch && !others.some((steps, i) => theirs[i]?.has(steps.length))) return false;
    for (const letter of letters) {
      const next = [own, ...others].map((steps, i) =>
        closure(steps, move(steps, states[i] ?? new Set(), letter)),
      );
      if (next[0]?.size === 0 || known.has(keyOf(next))) continue;
      if (known.size > MAX_STATES) return false;
      known.add(keyOf(next));
      queue.push(next);
    }
  }
  return true;
}

const keyOf = (states: readonly Positions[]): string =>
  states.map((each) => [...each].sort().join()).join(';');

/** The positions after one character. */
function move(steps: readonly Step[], positions: Positions, letter: Letter): Positions {
  const next = new Set<number>();
  const isInSegment = letter !== '/' && !isExtension(letter);
  for (const position of positions) {
    const step = steps[Math.floor(position)];
    if (!step) continue;
    if (step.kind === 'one' && step.letter === letter) next.add(position + 1);
    if (step.kind === 'char' && isInSegment) next.add(position + 1);
    if (step.kind === 'many' && isInSegment) next.add(position);
    if (step.kind === 'segments' && !isExtension(letter)) {
      next.add(Math.floor(position) + (letter === '/' ? 0 : 0.5));
    }
  }
  return next;
}

/** The positions with all that can be reached without a character. */
function closure(steps: readonly Step[], positions: Positions): Positions {
  const all = new Set(positions);
  for (const position of all) {
    const kind = steps[position]?.kind;
    if (kind === 'many' || kind === 'segments') all.add(position + 1);
  }
  return all;
}

function stepsOf({ parts }: KeyPattern, extension: string): Step[] {
  return [...parts.flatMap(stepsOfPart), { kind: 'one', letter: `.${extension}` }];
}

function stepsOfPart(part: PatternPart): Step[] {
  switch (part.kind) {
    case 'text':
      return Array.from(part.text, (letter) => ({ kind: 'one', letter }));
    case 'any':
      return [{ kind: 'many' }];
    case 'id':
      return [{ kind: 'char' }, { kind: 'many' }];
    case 'segments':
      return [{ kind: 'segments' }];
  }
}
