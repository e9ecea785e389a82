import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Row } from '@landfall/contracts/dataset/row';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { compareBytes } from '@landfall/contracts/text/byte-order';

/** Receives each difference: an added row (no `before`), a removed row (no `after`), or an updated row. */
export type OnDifference = (before: Row | undefined, after: Row | undefined) => void;

/**
 * Compares the rows of two generations, both in byte order of their ids, in one pass: neither is held in memory.
 *
 * @param nextBefore returns the next row of the earlier generation, undefined at the end
 */
export function createSnapshotDiff(
  definition: Definition,
  nextBefore: () => Row | undefined,
  onDifference: OnDifference,
) {
  const key = keyColumn(definition);
  const { isSameRow } = rowCodec(definition);
  let before = nextBefore();
  let lastId: string | undefined;

  return {
    /**
     * Compares the next row of the new generation.
     *
     * @throws RangeError when the rows are not in order, or an id occurs twice
     */
    add(after: Row): void {
      const id = String(after[key]);
      if (lastId !== undefined && compareBytes(lastId, id) >= 0) {
        throw new RangeError(`the rows are not in order: ${id} comes after ${lastId}`);
      }
      lastId = id;
      while (before && before[key] !== id && compareBytes(String(before[key]), id) < 0) {
        onDifference(before, undefined);
        before = nextBefore();
      }
      if (before?.[key] !== id) {
        onDifference(undefined, after);
        return;
      }
      if (!isSameRow(before, after)) onDifference(before, after);
      before = nextBefore();
    },

    /** Ends the new generation: the rest of the earlier one was removed. */
    finish(): void {
      for (; before; before = nextBefore()) onDifference(before, undefined);
    },
  };
}
