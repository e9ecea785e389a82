import { compareBytes } from '@landfall/contracts/text/byte-order';
import { isSameVersion, type SourceObject } from '../source/source-object.ts';

/** What a listed object is to what was known; `repeated` when it was just listed. */
export type Difference = 'new' | 'changed' | 'same' | 'repeated';

/** Thrown when a key comes after one that it belongs before. Nothing is known then about what is gone. */
export class UnorderedListingError extends Error {
  override name = 'UnorderedListingError';

  constructor(before: string, after: string) {
    super(`the listing is not in the order of its keys: ${after} comes after ${before}`);
  }
}

/**
 * Compares a listing with what was known, as both go by: each in byte order of the keys, each seen once, and
 * neither held in memory.
 *
 * @param nextKnown the next one that was known, undefined at the end
 * @param onGone hears the keys of those that are not there any more
 */
export function openDiff(nextKnown: () => SourceObject | undefined, onGone: (key: string) => void) {
  let known = nextKnown();
  let last: string | undefined;

  /** @returns whether the key was just listed */
  function advance(key: string): boolean {
    if (last !== undefined) {
      const order = compareBytes(last, key);
      if (order === 0) return true;
      if (order > 0) throw new UnorderedListingError(last, key);
    }
    last = key;
    while (known && known.key !== key && compareBytes(known.key, key) < 0) {
      onGone(known.key);
      known = nextKnown();
    }
    return false;
  }

  return {
    /**
     * The next object of the listing.
     *
     * @throws UnorderedListingError
     */
    next(object: SourceObject): Difference {
      if (advance(object.key)) return 'repeated';
      if (known?.key !== object.key) return 'new';
      const isSame = isSameVersion(known, object);
      known = nextKnown();
      return isSame ? 'same' : 'changed';
    },
    /**
     * The next entry of the listing is a folder that cannot be listed: what is known below it stays.
     *
     * @param folder a key that ends in `/`
     * @throws UnorderedListingError
     */
    keepBelow(folder: string): void {
      if (advance(folder)) return;
      while (known?.key.startsWith(folder)) known = nextKnown();
    },
    /** The listing is over: what is known beyond it is gone. */
    end(): void {
      for (; known; known = nextKnown()) onGone(known.key);
    },
  };
}
