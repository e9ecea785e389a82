import { compareBytes } from '@landfall/contracts/byte-order';
import type { SourceObject } from './match.ts';

/** What a listed object is to what was known. */
export type Difference = 'new' | 'changed' | 'same';

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

  return {
    /**
     * The next object of the listing.
     *
     * @throws RangeError when it is out of order
     */
    next(object: SourceObject): Difference {
      const { key } = object;
      if (last !== undefined && compareBytes(last, key) >= 0) outOfOrder(last, key);
      last = key;
      while (known && known.key !== key && compareBytes(known.key, key) < 0) {
        onGone(known.key);
        known = nextKnown();
      }
      if (known?.key !== key) return 'new';
      const isSame = known.etag === object.etag && known.size === object.size;
      known = nextKnown();
      return isSame ? 'same' : 'changed';
    },
    /** The listing is over: what is known beyond it is gone. */
    end(): void {
      for (; known; known = nextKnown()) onGone(known.key);
    },
  };
}

function outOfOrder(before: string, after: string): never {
  throw new RangeError(`the listing is not in the order of its keys: ${after} comes after ${before}`);
}
