import { compareBytes } from '@landfall/contracts/text/byte-order';
import { readSourceKey } from '../source/source-key.ts';
import { type FaultyObject, isFaulty, type SourceObject } from '../source/source-object.ts';

/** What the bucket holds of one user. */
export interface Claim {
  /** In byte order of the keys. The first owns the user, the others are duplicates. */
  records: SourceObject[];
  /** The key of the image that counts. */
  image: string | undefined;
  /** How many images there are. */
  images: number;
  /** Images that are not the user's: links out of the bucket, names that are not UTF-8. */
  strangers: FaultyObject[];
}

/**
 * Sorts out what the bucket holds of a user. Objects of others are passed over. An image that the listing names, and that
 * cannot be read, is the user's image all the same: only who asks for the image is concerned.
 */
export function match(userId: string, objects: readonly SourceObject[]): Claim {
  const records: SourceObject[] = [];
  let image: { key: string; preference: number } | undefined;
  let images = 0;
  const strangers: FaultyObject[] = [];
  for (const object of objects) {
    const source = readSourceKey(object.key);
    if (source.kind === 'other' || source.userId !== userId) continue;
    if (source.kind === 'record') {
      records.push(object);
    } else if (isFaulty(object) && object.fault.code !== 'unreadable') {
      strangers.push(object);
    } else {
      images++;
      const found = { key: object.key, preference: source.preference };
      if (!image || isPreferred(found, image)) image = found;
    }
  }
  if (records.length > 1) records.sort((a, b) => compareBytes(a.key, b.key));
  return { records, image: image?.key, images, strangers };
}

function isPreferred(
  a: { key: string; preference: number },
  b: { key: string; preference: number },
): boolean {
  return a.preference === b.preference ? compareBytes(a.key, b.key) < 0 : a.preference < b.preference;
}
