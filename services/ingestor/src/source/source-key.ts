import type { Definition } from '@landfall/contracts/dataset/definition';
import {
  isAnywhere,
  type KeyPattern,
  keyMatcher,
  keyPatternOf,
} from '@landfall/contracts/definition/key-pattern';
import { matcherOfNamed, namesOfTools } from '@landfall/contracts/definition/passed-over-keys';
import { oncePer } from '@landfall/contracts/once-per';
import { toNfc } from '@landfall/contracts/text/nfc';

/** A key that names a record or a companion of a row. */
export type RowKey =
  /** `id`: in Unicode NFC, for a key in any Unicode form. */
  | { kind: 'record'; id: string }
  /** `companion`: its index in the definition. `preference`: of several files of one companion, the lowest is used. */
  | { kind: 'companion'; id: string; companion: number; preference: number };

/** What a key of the source bucket names. */
export type SourceKey = RowKey | { kind: 'other' };

/** Parses the keys of the source bucket. */
export type SourceKeyParser = (key: string) => SourceKey;

const OTHER: SourceKey = { kind: 'other' };
const [DOT, SLASH] = [0x2e, 0x2f];

/** Returns the parser of a definition's keys. It is made once per definition. */
export const sourceKeyParser = oncePer(({ records, companions }: Definition): SourceKeyParser => {
  const patterns = [records, ...companions.map(({ files }) => files)].map(keyPatternOf);
  return patterns.every(isAnywhere) ? parserByExtension(patterns) : parserByPattern(patterns);
});

/**
 * Where all patterns are an id and an extension in any folder, a key is parsed by its last segment, in any letter case of the
 * extension. A name that is only an extension (`.csv`) has no id and is something else. Of several patterns with one extension,
 * the first one fits.
 */
function parserByExtension([records, ...companions]: readonly KeyPattern[]): SourceKeyParser {
  const recordExtensions = records?.extensions ?? [];
  const byExtension = new Map<string, { companion: number; preference: number }>();
  for (const [companion, { extensions }] of companions.entries()) {
    for (const [preference, extension] of extensions.entries()) {
      if (!byExtension.has(extension)) byExtension.set(extension, { companion, preference });
    }
  }
  return (key) => {
    const start = lastIndexOf(key, SLASH) + 1;
    const dot = lastIndexOf(key, DOT);
    if (dot <= start) return OTHER;
    const id = toNfc(key.slice(start, dot));
    const written = key.slice(dot + 1);
    // Nearly all extensions are in lower case already.
    if (recordExtensions.includes(written)) return { kind: 'record', id };
    const extension = written.toLowerCase();
    if (recordExtensions.includes(extension)) return { kind: 'record', id };
    const found = byExtension.get(extension);
    return found
      ? { kind: 'companion', id, companion: found.companion, preference: found.preference }
      : OTHER;
  };
}

/**
 * The first pattern that fits wins: that of the records, then those of the companions in order. Where one of them names a tool's folder,
 * only it has the files in there.
 */
function parserByPattern(patterns: readonly KeyPattern[]): SourceKeyParser {
  const isAnyNamed = patterns.some((pattern) => namesOfTools(pattern).length > 0);
  const matchers = patterns.map(isAnyNamed ? matcherOfNamed : keyMatcher);
  return (key) => {
    for (const [i, match] of matchers.entries()) {
      const found = match(key);
      if (!found) continue;
      const id = toNfc(found.id);
      return i === 0
        ? { kind: 'record', id }
        : { kind: 'companion', id, companion: i - 1, preference: found.preference };
    }
    return OTHER;
  };
}

/** Returns the id in the key of a record as the key has it, without Unicode normalization. */
export function idAsWritten(definition: Definition, key: string): string {
  return recordMatcher(definition)(key)?.id ?? '';
}

const recordMatcher = oncePer(({ records }: Definition) => keyMatcher(keyPatternOf(records)));

/** Like `String.lastIndexOf`, which V8 calls outside of JavaScript: for a short key that takes ten times as long. */
function lastIndexOf(key: string, unit: number): number {
  let at = key.length - 1;
  while (at >= 0 && key.charCodeAt(at) !== unit) at--;
  return at;
}
