import { compareBytes } from '@landfall/contracts/text/byte-order';
import type { Reader } from '../database/snapshot-reader.ts';
import { ANYONE, behind, edgeOfIds } from './row-sql.ts';
import type { Pace } from './scan-limits.ts';

export type Milestones = ReturnType<typeof openMilestones>;

/** Stretches that are counted in one turn: half a millisecond. */
const PER_TURN = 16;
/** So many of the smallest windows are between two of them. */
const APART = 8;

/**
 * Ids of users at about equal distances in their order, so that a read can be told how far to look without counting
 * there. They bound how long a read takes, and mean nothing else: that users come and go between them does no harm, and
 * only when many have, they are set anew.
 */
export function openMilestones(reader: Reader, { window }: Pick<Pace, 'window'>) {
  const every = window.min * APART;
  let ids: readonly string[] | undefined;
  let rowsThen = 0;
  let isClosed = false;

  const edgeBehind = (id: string | undefined, users: number) =>
    edgeOfIds(reader, id === undefined ? ANYONE : behind(id), users);

  async function set(): Promise<void> {
    const found: string[] = [];
    for (;;) {
      const next = edgeBehind(found.at(-1), every);
      if (next === undefined) break;
      if (found.push(next) % PER_TURN > 0) continue;
      await new Promise(setImmediate);
      if (isClosed) return;
    }
    ids = found;
  }

  return {
    /** Sets them, where there are none that are good for so many users. */
    look(rows: number): void {
      if (Math.abs(rows - rowsThen) <= rowsThen / 8) return;
      rowsThen = rows;
      // Should it fail, reads go on counting for themselves, and say what is wrong.
      set().catch(() => {
        rowsThen = 0;
      });
    },

    /**
     * Whoever stands about so many users beyond an id, or up to `every` more.
     *
     * @param id undefined for before the first
     * @returns undefined when that is beyond the last
     */
    beyond(id: string | undefined, users: number): string | undefined {
      if (!ids) return edgeBehind(id, users);
      let [low, high] = [0, ids.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (id === undefined || compareBytes(ids[middle] ?? '', id) > 0) high = middle;
        else low = middle + 1;
      }
      return ids[low + Math.ceil(users / every)];
    },

    close(): void {
      isClosed = true;
    },
  };
}
