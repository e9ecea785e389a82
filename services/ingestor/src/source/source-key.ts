import { type Definition, keyPattern } from '@landfall/contracts/dataset/definition';
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
const parsers = new WeakMap<Definition, SourceKeyParser>();

/** Returns the parser of a definition's keys. It is made once per definition. */
export function sourceKeyParser(definition: Definition): SourceKeyParser {
  const known = parsers.get(definition);
  if (known) return known;
  const made = makeParser(definition);
  parsers.set(definition, made);
  return made;
}

/**
 * A key is parsed by its last segment: the id and, in any letter case, the extension. A name that is only an extension
 * (`.csv`) has no id and is something else. Of several patterns with one extension, the first one fits.
 */
function makeParser({ records, companions }: Definition): SourceKeyParser {
  const recordExtensions = keyPattern(records).extensions;
  const byExtension = new Map<string, { companion: number; preference: number }>();
  for (const [companion, { files }] of companions.entries()) {
    for (const [preference, extension] of keyPattern(files).extensions.entries()) {
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

/** Returns the id as the key has it, without Unicode normalization. */
export const idAsWritten = (key: string): string =>
  key.slice(lastIndexOf(key, SLASH) + 1, lastIndexOf(key, DOT));

/** Like `String.lastIndexOf`, which V8 calls outside of JavaScript: for a short key that takes ten times as long. */
function lastIndexOf(key: string, unit: number): number {
  let at = key.length - 1;
  while (at >= 0 && key.charCodeAt(at) !== unit) at--;
  return at;
}
