import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import type { SnapshotReader } from '../database/snapshot-reader.ts';
import { keysetScan } from './keyset-scan.ts';
import { ALL_ROWS, afterKey, keySql, valueAtOffset } from './row-sql.ts';
import type { ScanLimits } from './scan-limits.ts';

export type SplitPoints = ReturnType<typeof openSplitPoints>;

/** Split points that are computed in one turn of the event loop: half a millisecond. */
const COMPUTED_PER_TURN = 16;
/** Distance of two split points, in smallest windows. */
const WINDOWS_APART = 8;

/**
 * Keys at about equal distances in the order of the keys. They give a read an upper bound without counting rows at that time.
 * They only bound how long a read takes and never decide what it returns, so rows may come and go between them. They are
 * computed again when the number of rows has changed by an eighth.
 */
export function openSplitPoints(
  reader: SnapshotReader,
  definition: Definition,
  { window }: Pick<ScanLimits, 'window'>,
) {
  const rowsApart = window.min * WINDOWS_APART;
  const [key, orderBy] = [keyColumn(definition), keySql(definition)];
  let splitPoints: readonly string[] | undefined;
  let rowCount = 0;
  let isClosed = false;

  /** The key that is `rows` rows after another key, or after the first row. */
  function keyAfter(last: string | undefined, rows: number): string | undefined {
    const where = [last === undefined ? ALL_ROWS : afterKey(definition, last)];
    const edge = valueAtOffset({ reader, definition }, key, { by: key, where, orderBy, limit: rows });
    return edge === undefined ? undefined : String(edge);
  }

  /** @param last a key; the empty text is less than every key */
  function readSome(last: string): { item: string[]; next: string | undefined } {
    const keys: string[] = [];
    let next: string | undefined = last;
    for (let i = 0; i < COMPUTED_PER_TURN && next !== undefined; i++) {
      next = keyAfter(next, rowsApart);
      if (next !== undefined) keys.push(next);
    }
    return { item: keys, next };
  }

  async function compute(): Promise<void> {
    const found: string[] = [];
    for await (const keys of keysetScan('', readSome)) {
      if (isClosed) return;
      found.push(...keys);
    }
    splitPoints = found;
  }

  return {
    /** Computes the split points when there are none for about this many rows. */
    setRowCount(rows: number): void {
      if (Math.abs(rows - rowCount) <= rowCount / 8) return;
      rowCount = rows;
      // Without split points, reads count rows themselves; they report what is wrong with the database.
      compute().catch(() => {
        rowCount = 0;
      });
    },

    /**
     * A key that is `rows` to `rows + rowsApart` rows after another one.
     *
     * @param last the other key; undefined for the first row
     * @returns undefined when there are fewer rows
     */
    keyAfter(last: string | undefined, rows: number): string | undefined {
      if (!splitPoints) return keyAfter(last, rows);
      let [low, high] = [0, splitPoints.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (last === undefined || compareBytes(splitPoints[middle] ?? '', last) > 0) high = middle;
        else low = middle + 1;
      }
      return splitPoints[low + Math.ceil(rows / rowsApart)];
    },

    close(): void {
      isClosed = true;
    },
  };
}
