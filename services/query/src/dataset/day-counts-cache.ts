import type { GenerationId } from '../database/snapshot-reader.ts';
import type { DayCounts } from '../statistics/day-counts.ts';

/** Generations whose day counts are kept in memory. They take about 500 KB each at most. */
const MAX_ENTRIES = 4;

export type DayCountsCache = ReturnType<typeof createDayCountsCache>;

/**
 * Keeps the day counts of the generations that were used last.
 *
 * @param read reads the day counts of a generation that is not in the cache
 */
export function createDayCountsCache(read: (at: GenerationId) => DayCounts) {
  /** The most recently used first. */
  let entries: { at: GenerationId; counts: DayCounts }[] = [];

  function put({ generation, version }: GenerationId, counts: DayCounts): void {
    const others = entries.filter(({ at }) => at.generation !== generation || at.version !== version);
    entries = [{ at: { generation, version }, counts }, ...others.slice(0, MAX_ENTRIES - 1)];
  }

  return {
    /** @throws the error of `read` */
    get(wanted: GenerationId): DayCounts {
      const index = entries.findIndex(
        ({ at }) => at.generation === wanted.generation && at.version === wanted.version,
      );
      const counts = entries[index]?.counts ?? read(wanted);
      if (index !== 0) put(wanted, counts);
      return counts;
    },
    put,
    clear(): void {
      entries = [];
    },
  };
}
