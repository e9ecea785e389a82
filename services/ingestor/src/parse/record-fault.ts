import type { RejectReason } from '@landfall/contracts/dataset/reject';
import type { Fault } from '../source/record.ts';
import { shown } from './visible-text.ts';

/** Where something is in a record; `column` counts from 0. */
export interface Place {
  line: number;
  column?: number;
}

/** A fault with its place. Messages count columns from 1. */
export function faultAt(reason: RejectReason, { line, column }: Place, what: string): Fault {
  const where = column === undefined ? `line ${line}` : `line ${line}, column ${column + 1}`;
  return { reason, detail: `${where}: ${what}` };
}

const SEPARATORS: readonly [mark: string, name: string][] = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'bars'],
];

/** Says what separates the values of a line that has no comma, where that can be told. */
export function separatorHint(values: readonly string[]): string {
  const [only = '', ...others] = values;
  const found = others.length === 0 && SEPARATORS.find(([mark]) => only.includes(mark));
  return found ? `; the line has no comma, its values seem to be separated by ${found[1]}` : '';
}

/** Of more names than these, the rest is only counted. */
const SHOWN_NAMES = 10;

/**
 * Says which columns a header lacks, and what is there instead.
 *
 * @param missing the names of columns, at least one
 */
export function missingColumns(missing: readonly string[], found: readonly string[]): string {
  const lacks = `there is no ${missing.join(', ')}`;
  const hint = separatorHint(found);
  if (hint) return lacks + hint;
  const more = found.length > SHOWN_NAMES ? ` and ${found.length - SHOWN_NAMES} more` : '';
  const names = found.slice(0, SHOWN_NAMES).map(shown).join(', ');
  const lower = new Set(found.map((name) => name.toLowerCase()));
  const capitals = missing.some((name) => lower.has(name)) ? '; capital letters count' : '';
  return `${lacks}; found ${names}${more}${capitals}`;
}
