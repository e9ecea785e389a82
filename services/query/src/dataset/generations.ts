import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { ApiError } from '../errors/api-error.ts';
import { generationGoneError } from '../errors/generation-gone.ts';
import { horizonOf } from './retention.ts';
import { isOf } from './short-version.ts';

export type Generations = ReturnType<typeof openGenerations>;

/**
 * The generations that can be read, known without asking the database: whoever has the current answer already is
 * told so before any SQL.
 *
 * @param read all that the database has, the newest first
 */
export function openGenerations(read: () => Manifest[]) {
  let kept = read();
  const used = new Map<number, number>();
  const waiting = new Set<() => void>();

  function newest(): Manifest {
    if (kept[0]) return kept[0];
    throw new ApiError('no_data_set', 'The first data set has not been loaded yet.');
  }

  /** The database has others now. */
  function refresh(): void {
    kept = read();
    for (const look of waiting) look();
  }

  /** Somebody pages or streams through it; `now` in ms since 1970 UTC. */
  function use({ generation }: Pick<Manifest, 'generation'>, now: number): void {
    used.set(generation, now);
  }

  return {
    /** The generation that is served; undefined before the first. */
    current: (): Manifest | undefined => kept[0],
    /** The newest first; the same array until there are others. */
    all: (): readonly Manifest[] => kept,
    refresh,

    /**
     * The generation of a number.
     *
     * @throws ApiError no_data_set, generation_not_found (it is yet to come), generation_gone
     */
    at(generation: number): Manifest {
      const served = newest();
      if (generation > served.generation) throw notYet(generation, served);
      const found = kept.find((each) => each.generation === generation);
      if (!found) throw generationGoneError(generation, served);
      return found;
    },

    /**
     * The generation that a cursor is of.
     *
     * @throws ApiError no_data_set, generation_gone
     */
    of(cursor: { generation: number; version: string }): Manifest {
      const served = newest();
      const found = kept.find((each) => isOf(cursor, each));
      if (!found) throw generationGoneError(cursor.generation, served);
      return found;
    },

    /**
     * Reads at a generation, or at the one that is served; and should that be dropped in this very moment, because
     * another lineage has come, at the one that took its place.
     *
     * @throws ApiError no_data_set, generation_gone
     */
    async read<T>(pinned: Manifest | undefined, work: (at: Manifest) => Promise<T>): Promise<T> {
      try {
        return await work(pinned ?? newest());
      } catch (error) {
        const isGone = error instanceof ApiError && error.code === 'generation_gone';
        if (pinned || !isGone) throw error;
        refresh();
        return await work(newest());
      }
    },

    use,
    /** Hands on what is read for a stream; as long as there comes more, its generation stays. */
    async *whileInUse<T>(at: Manifest, clock: () => number, read: AsyncIterable<T>): AsyncGenerator<T> {
      for await (const each of read) {
        use(at, clock());
        yield each;
      }
    },

    /**
     * Lets go of what needs not stay.
     *
     * @param keep so many stay at least
     * @param now ms since 1970 UTC
     * @returns the oldest generation that stays; undefined when all do
     */
    retire(keep: number, now: number): number | undefined {
      const horizon = horizonOf(kept, keep, (generation) => used.get(generation), now);
      for (const generation of used.keys()) if (generation < horizon) used.delete(generation);
      const staying = kept.filter(({ generation }) => generation >= horizon);
      if (staying.length === kept.length) return undefined;
      kept = staying;
      return horizon;
    },

    /** How many wait in `reached`. */
    waiters: (): number => waiting.size,

    /**
     * Waits until a generation, or a later one, is served; `withinMs` at most, or until `signal`.
     *
     * @returns whether it is
     */
    async reached(generation: number, withinMs: number, signal?: AbortSignal): Promise<boolean> {
      const isReached = () => (kept[0]?.generation ?? 0) >= generation;
      if (isReached() || signal?.aborted) return isReached();
      return await new Promise((resolve) => {
        const settle = () => {
          clearTimeout(timer);
          waiting.delete(look);
          signal?.removeEventListener('abort', settle);
          resolve(isReached());
        };
        const look = () => {
          if (isReached()) settle();
        };
        const timer = setTimeout(settle, withinMs);
        waiting.add(look);
        signal?.addEventListener('abort', settle);
      });
    },
  };
}

function notYet(generation: number, served: Manifest): ApiError {
  const detail = `There is no generation ${generation} yet; the newest is ${served.generation}.`;
  return new ApiError('generation_not_found', detail, { newest: served.generation });
}
