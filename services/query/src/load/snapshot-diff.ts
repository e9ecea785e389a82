import type { User } from '@landfall/contracts/dataset/user';
import { compareBytes } from '@landfall/contracts/text/byte-order';

/** Hears of everyone who is not as before: added (no `before`), removed (no `now`), or updated. */
export type OnDifference = (before: User | undefined, now: User | undefined) => void;

/**
 * Compares the users of two generations as both go by, each in byte order of the ids, each seen once, and neither
 * held in memory.
 *
 * @param nextBefore the next one of the generation before, undefined at the end
 */
export function openMerge(nextBefore: () => User | undefined, onDifference: OnDifference) {
  let before = nextBefore();
  let last: string | undefined;

  return {
    /**
     * The next user of the new generation.
     *
     * @throws RangeError when they are not in order, or one comes twice
     */
    next(now: User): void {
      const { user_id: id } = now;
      if (last !== undefined && compareBytes(last, id) >= 0) {
        throw new RangeError(`the users are not in order: ${id} comes after ${last}`);
      }
      last = id;
      while (before && before.user_id !== id && compareBytes(before.user_id, id) < 0) {
        onDifference(before, undefined);
        before = nextBefore();
      }
      if (before?.user_id !== id) {
        onDifference(undefined, now);
        return;
      }
      if (!isSameUser(before, now)) onDifference(before, now);
      before = nextBefore();
    },
    /** There are no more: whoever was there beyond the last is gone. */
    end(): void {
      for (; before; before = nextBefore()) onDifference(before, undefined);
    },
  };
}

/** Whether two rows of one user say the same. */
export const isSameUser = (a: User, b: User): boolean =>
  a.first_name === b.first_name &&
  a.last_name === b.last_name &&
  a.birthts === b.birthts &&
  a.img_path === b.img_path;
