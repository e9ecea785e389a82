import { compareBytes } from '@landfall/contracts/byte-order';
import type { SourceObject } from './match.ts';

/** Hears what is different now. */
export interface Differences {
  /** An object that was not there, or is another version than it was. */
  onPut: (object: SourceObject, isNew: boolean) => void;
  onGone: (key: string) => void;
}

/**
 * Compares a listing with what was known, as both go by: each in byte order of the keys, each seen once, and
 * neither held in memory.
 *
 * @param nextKnown the next one that was known, undefined at the end
 */
export function openDiff(nextKnown: () => SourceObject | undefined, { onPut, onGone }: Differences) {
  let known = nextKnown();
  let last: string | undefined;

  return {
    /**
     * The next object of the listing.
     *
     * @returns whether it is as it was known
     * @throws RangeError when it is out of order
     */
    next(object: SourceObject): boolean {
      const { key } = object;
      if (last !== undefined && compareBytes(last, key) >= 0) outOfOrder(last, key);
      last = key;
      while (known && known.key !== key && compareBytes(known.key, key) < 0) {
        onGone(known.key);
        known = nextKnown();
      }
      if (known?.key !== key) {
        onPut(object, true);
        return false;
      }
      const isSame = known.etag === object.etag && known.size === object.size;
      if (!isSame) onPut(object, false);
      known = nextKnown();
      return isSame;
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
