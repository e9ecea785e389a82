import type { Definition } from '@landfall/contracts/dataset/definition';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { sourceKeyParser } from '../source/source-key.ts';
import { type FaultyObject, isFaulty, type SourceObject } from '../source/source-object.ts';

/** The objects of the source bucket that belong to one row. */
export interface RowObjects {
  /** In byte order of the keys. The row is made from the first; the others are duplicates. */
  records: SourceObject[];
  /** The key of each companion that is used, in the order of the definition; undefined when there is none. */
  companions: (string | undefined)[];
  /** The number of companion objects, also of those that are not used. */
  companionCount: number;
  /** Companion objects that do not belong to the row: links out of the bucket, names that are not UTF-8. */
  invalidCompanions: FaultyObject[];
}

/**
 * Chooses the objects of one row. Objects of other rows are ignored. A companion that is listed and cannot be read counts:
 * only a request for that file fails.
 *
 * @param objects in any order
 */
export function match(definition: Definition, id: string, objects: readonly SourceObject[]): RowObjects {
  const parseKey = sourceKeyParser(definition);
  const records: SourceObject[] = [];
  const chosen: (Candidate | undefined)[] = definition.companions.map(() => undefined);
  let companionCount = 0;
  const invalidCompanions: FaultyObject[] = [];
  for (const object of objects) {
    const source = parseKey(object.key);
    if (source.kind === 'other' || source.id !== id) continue;
    if (source.kind === 'record') {
      records.push(object);
    } else if (isFaulty(object) && object.fault.code !== 'unreadable') {
      invalidCompanions.push(object);
    } else {
      companionCount++;
      const candidate = { key: object.key, preference: source.preference };
      const best = chosen[source.companion];
      if (!best || isPreferred(candidate, best)) chosen[source.companion] = candidate;
    }
  }
  if (records.length > 1) records.sort((a, b) => compareBytes(a.key, b.key));
  return { records, companions: chosen.map((each) => each?.key), companionCount, invalidCompanions };
}

interface Candidate {
  key: string;
  preference: number;
}

const isPreferred = (a: Candidate, b: Candidate): boolean =>
  a.preference === b.preference ? compareBytes(a.key, b.key) < 0 : a.preference < b.preference;
