import type { RejectReason } from '@landfall/contracts/dataset/reject';
import type { Fault } from '../source/record.ts';
import { shown } from './visible-text.ts';

/** A position in a record; `column` counts from 0. */
export interface Position {
  line: number;
  column?: number;
}

/** Returns a fault with its position. Messages count columns from 1. */
export function faultAt(reason: RejectReason, { line, column }: Position, what: string): Fault {
  const where = column === undefined ? `line ${line}` : `line ${line}, column ${column + 1}`;
  return { reason, detail: `${where}: ${what}` };
}

const SEPARATORS: readonly [mark: string, name: string][] = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'bars'],
];

/** Returns a hint at another separator for a line without a comma; empty when there is none. */
export function separatorHint(values: readonly string[]): string {
  const [only = '', ...others] = values;
  const found = others.length === 0 && SEPARATORS.find(([mark]) => only.includes(mark));
  return found ? `; the line has no comma, its values are probably separated by ${found[1]}` : '';
}

/** Maximum number of column names in a message; the others are counted. */
const SHOWN_NAMES = 10;

/**
 * Returns which columns a header lacks, and which it has.
 *
 * @param missing at least one column name
 */
export function missingColumns(missing: readonly string[], found: readonly string[]): string {
  const lacks = `there is no ${missing.join(', ')}`;
  const hint = separatorHint(found);
  if (hint) return lacks + hint;
  const more = found.length > SHOWN_NAMES ? ` and ${found.length - SHOWN_NAMES} more` : '';
  const names = found.slice(0, SHOWN_NAMES).map(shown).join(', ');
  const lower = new Set(found.map((name) => name.toLowerCase()));
  const capitals = missing.some((name) => lower.has(name)) ? '; names are case-sensitive' : '';
  return `${lacks}; found ${names}${more}${capitals}`;
}
