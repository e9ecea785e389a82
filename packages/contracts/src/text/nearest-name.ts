import { distance } from 'fastest-levenshtein';

/** Characters of a name that are compared. The time grows with the square. */
const MAX_LENGTH = 100;
/** A beginning of a name counts from this length on. */
const MIN_BEGINNING = 3;

/**
 * Finds the name that a person may have meant. Letter case and `_` or `-` between words do not count.
 *
 * @returns undefined when none is near: more than a third of the letters differ
 */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  const own = folded(written);
  let nearest: { name: string; changes: number } | undefined;
  for (const name of known) {
    const other = folded(name);
    const isBeginning = own.length >= MIN_BEGINNING && other.startsWith(own);
    const changes = isBeginning ? 1 : distance(own, other);
    const isNear = isBeginning || changes <= Math.max(own.length, other.length) / 3;
    if (isNear && (nearest === undefined || changes < nearest.changes)) nearest = { name, changes };
  }
  return nearest?.name;
}

const folded = (name: string): string =>
  name
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/[_\-\s]+/g, '');

/** A hint with the name that a person may have meant; undefined when none is near. */
export function nameHint(written: string, known: readonly string[]): string | undefined {
  const nearest = nearestName(written, known);
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`;
}
