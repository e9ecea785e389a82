import { MAX_PUT_TIMES, type PutTimes } from '@landfall/contracts/messages/put-times';

/** Times are rounded down to this resolution while there is room, ms. */
const FIRST_RESOLUTION_MS = 100;

export type PutTimeCounts = ReturnType<typeof openPutTimeCounts>;

/**
 * Counts objects by the time of their PUT. The number of entries is bounded: when there are too many different times, they are rounded
 * down further, so a lag is never reported as too short.
 */
export function openPutTimeCounts() {
  let resolution = FIRST_RESOLUTION_MS;
  let counts = new Map<number, number>();

  function count(into: Map<number, number>, at: number, objects: number): void {
    const rounded = Math.floor(at / resolution) * resolution;
    into.set(rounded, (into.get(rounded) ?? 0) + objects);
  }

  function add(at: number, objects = 1): void {
    count(counts, at, objects);
    while (counts.size > MAX_PUT_TIMES) {
      resolution *= 2;
      const coarser = new Map<number, number>();
      for (const [time, many] of counts) count(coarser, time, many);
      counts = coarser;
    }
  }

  return {
    /** @param at ms since 1970 UTC */
    add,
    addAll(others: Iterable<readonly [at: number, objects: number]>): void {
      for (const [at, objects] of others) add(at, objects);
    },
    /** Returns the counts, the oldest first, and forgets them. */
    take(): PutTimes {
      const taken = [...counts].sort(([a], [b]) => a - b);
      counts = new Map();
      resolution = FIRST_RESOLUTION_MS;
      return taken;
    },
  };
}
