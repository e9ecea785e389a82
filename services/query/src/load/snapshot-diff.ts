import type { Row } from '@landfall/contracts/dataset/row';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';

const { isSameRow } = rowCodec(USERS);

import { compareBytes } from '@landfall/contracts/text/byte-order';

/** Hears of everyone who is not as before: added (no `before`), removed (no `now`), or updated. */
export type OnDifference = (before: Row | undefined, now: Row | undefined) => void;

/**
 * Compares the users of two generations as both go by, each in byte order of the ids, each seen once, and neither
 * held in memory.
 *
 * @param nextBefore the next one of the generation before, undefined at the end
 */
export function openMerge(nextBefore: () => Row | undefined, onDifference: OnDifference) {
  let before = nextBefore();
  let last: string | undefined;

  return {
    /**
     * The next user of the new generation.
     *
     * @throws RangeError when they are not in order, or one comes twice
     */
    next(now: Row): void {
      const id = String(now.user_id);
      if (last !== undefined && compareBytes(last, id) >= 0) {
        throw new RangeError(`the users are not in order: ${id} comes after ${last}`);
      }
      last = id;
      while (before && before.user_id !== id && compareBytes(String(before.user_id), id) < 0) {
        onDifference(before, undefined);
        before = nextBefore();
      }
      if (before?.user_id !== id) {
        onDifference(undefined, now);
        return;
      }
      if (!isSameRow(before, now)) onDifference(before, now);
      before = nextBefore();
    },
    /** There are no more: whoever was there beyond the last is gone. */
    end(): void {
      for (; before; before = nextBefore()) onDifference(before, undefined);
    },
  };
}
