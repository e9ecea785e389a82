import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { ApiError } from '../errors/api-error.ts';
import { generationGoneError } from '../errors/generation-gone.ts';
import { createGenerationWaiters } from './generation-waiters.ts';
import { oldestRetained, type Pinned, type Retained } from './retention.ts';
import { type CursorGeneration, isGenerationOfCursor } from './short-version.ts';

export type Generations = ReturnType<typeof createGenerations>;

/**
 * The generations that can be read. They are held in memory, so a conditional request is answered without SQL.
 *
 * @param readManifests reads all manifests of the database, the newest first
 */
export function createGenerations(readManifests: () => Manifest[]) {
  let loaded = readManifests();
  const waiters = createGenerationWaiters(() => loaded[0]?.generation ?? 0);

  function newest(): Manifest {
    if (loaded[0]) return loaded[0];
    throw new ApiError('no_data_set', 'The first data set has not been loaded yet.');
  }

  /** Reads the manifests again, after the database has changed. */
  function refresh(): void {
    loaded = readManifests();
    waiters.notify();
  }

  return {
    /** The newest generation, which is served by default; undefined before the first one. */
    current: (): Manifest | undefined => loaded[0],
    /** The newest first. The same array until the generations change. */
    all: (): readonly Manifest[] => loaded,
    refresh,

    /** @throws ApiError no_data_set, generation_not_found (no such generation yet), generation_gone */
    byNumber(generation: number): Manifest {
      const served = newest();
      if (generation > served.generation) throw notFoundError(generation, served);
      const found = loaded.find((each) => each.generation === generation);
      if (!found) throw generationGoneError(generation, served);
      return found;
    },

    /** @throws ApiError no_data_set, generation_gone */
    byCursor(cursor: CursorGeneration): Manifest {
      const served = newest();
      const found = loaded.find((each) => isGenerationOfCursor(cursor, each));
      if (!found) throw generationGoneError(cursor.generation, served);
      return found;
    },

    /**
     * Runs a read at a generation. When a data set with reset numbers replaces the newest generation during the read, it runs
     * again at the new one.
     *
     * @throws ApiError no_data_set, generation_gone; the error of `read`
     */
    async readAt<T>(generation: Manifest | 'newest', read: (at: Manifest) => Promise<T>): Promise<T> {
      if (generation !== 'newest') return await read(generation);
      try {
        return await read(newest());
      } catch (error) {
        const isGone = error instanceof ApiError && error.code === 'generation_gone';
        if (!isGone) throw error;
        refresh();
        return await read(newest());
      }
    },

    /**
     * Drops the generations whose retention has ended.
     *
     * @param keep generations that stay at least
     * @param pinned the generations in use
     * @param now ms since 1970 UTC
     * @returns the oldest generation that stays; undefined when all of them do
     */
    dropExpired(keep: number, pinned: Pinned, now: number): Omit<Retained, 'oldest'> & { oldest?: number } {
      const { oldest, limit } = oldestRetained(loaded, keep, pinned, now);
      const retained = loaded.filter(({ generation }) => generation >= oldest);
      if (retained.length === loaded.length) return { limit };
      loaded = retained;
      return { oldest, limit };
    },

    /** Waits until a generation, or a later one, is served; see `GenerationWaiters.waitFor`. */
    waitFor: waiters.waitFor,
  };
}

function notFoundError(generation: number, served: Manifest): ApiError {
  const detail = `Generation ${generation} does not exist yet; the newest is ${served.generation}.`;
  return new ApiError('generation_not_found', detail, { newest: served.generation });
}
