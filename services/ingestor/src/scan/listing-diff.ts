import { compareBytes } from '@landfall/contracts/text/byte-order';
import { isSameVersion, type SourceObject } from '../source/source-object.ts';

/** How a listed object differs from the catalog; `repeated` when the listing has just named its key. */
export type Difference = 'new' | 'changed' | 'same' | 'repeated';

/** Thrown when the keys of a listing are not in byte order. It is not known then which objects are gone. */
export class UnorderedListingError extends Error {
  override name = 'UnorderedListingError';

  constructor(before: string, after: string) {
    super(`the listing is not in the order of its keys: ${after} comes after ${before}`);
  }
}

/**
 * Compares a listing with the known objects in one pass (merge join). Both are in byte order of the keys, and neither is held
 * in memory.
 *
 * @param nextKnown returns the next known object, undefined at the end
 * @param onGone called with the key of each known object that is not listed
 */
export function openListingDiff(nextKnown: () => SourceObject | undefined, onGone: (key: string) => void) {
  let known = nextKnown();
  let last: string | undefined;

  /** @returns whether the key is the same as the last one */
  function advanceTo(key: string): boolean {
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
     * Compares the next object of the listing.
     *
     * @throws UnorderedListingError
     */
    next(object: SourceObject): Difference {
      if (advanceTo(object.key)) return 'repeated';
      if (known?.key !== object.key) return 'new';
      const isSame = isSameVersion(known, object);
      known = nextKnown();
      return isSame ? 'same' : 'changed';
    },
    /**
     * Skips a folder that cannot be listed: the known objects below it are not gone.
     *
     * @param folder a key that ends in `/`
     * @throws UnorderedListingError
     */
    keepBelow(folder: string): void {
      if (advanceTo(folder)) return;
      while (known?.key.startsWith(folder)) known = nextKnown();
    },
    /** Ends the listing: all further known objects are gone. */
    end(): void {
      for (; known; known = nextKnown()) onGone(known.key);
    },
  };
}
