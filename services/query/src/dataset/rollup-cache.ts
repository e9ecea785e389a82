import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { GenerationId } from '../database/snapshot-reader.ts';
import type { Rollup } from '../statistics/rollup/rollup.ts';

/** Generations whose rollups are kept in memory. They take about 500 KB each at most. */
const MAX_ENTRIES = 4;

export type RollupCache = ReturnType<typeof createRollupCache>;

/**
 * Keeps the rollups of the generations that were used last; undefined for a generation that has none.
 *
 * @param read reads the rollup of a generation that is not in the cache
 */
export function createRollupCache(read: (at: Manifest) => Rollup | undefined) {
  /** The most recently used first. */
  let entries: { at: GenerationId; rollup: Rollup | undefined }[] = [];

  function put({ generation, version }: GenerationId, rollup: Rollup | undefined): void {
    const others = entries.filter(({ at }) => at.generation !== generation || at.version !== version);
    entries = [{ at: { generation, version }, rollup }, ...others.slice(0, MAX_ENTRIES - 1)];
  }

  return {
    /** @throws the error of `read` */
    get(wanted: Manifest): Rollup | undefined {
      const index = entries.findIndex(
        ({ at }) => at.generation === wanted.generation && at.version === wanted.version,
      );
      const known = entries[index];
      const rollup = known ? known.rollup : read(wanted);
      if (index !== 0) put(wanted, rollup);
      return rollup;
    },
    put,
    clear(): void {
      entries = [];
    },
  };
}
