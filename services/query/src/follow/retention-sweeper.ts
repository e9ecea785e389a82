import type { Logger } from '@landfall/process/logger';
import type { Generations } from '../dataset/generations.ts';
import { type GenerationUse, type Retained, USE_EXTENSION_MS } from '../dataset/retention.ts';
import type { Loader } from '../load/loader.ts';

export interface RetentionSweeperDeps {
  generations: Pick<Generations, 'dropExpired'>;
  loader: Pick<Loader, 'pruneBefore'>;
  /** Generations that stay at least. */
  keepGenerations: number;
  /** The use of generations that clients read by pages or streams, since a time in ms since 1970 UTC. */
  usesSince: (since: number) => ReadonlyMap<number, GenerationUse>;
  /** Generations that use may keep beyond their retention, and those that one client alone may. */
  pinned: { max: number; maxForOneClient: number };
  /** Called when a generation in use does not stay because of a limit. */
  onLimit: (limit: NonNullable<Retained['limit']>) => void;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

/** Generations expire by time alone, so the sweeper also runs at this interval, ms. */
const SWEEP_INTERVAL_MS = 60_000;

/** Deletes expired generations in the background: every minute, and when `sweep` is called after a load. */
export function startRetentionSweeper({
  generations,
  loader,
  keepGenerations,
  usesSince,
  pinned,
  onLimit,
  clock,
  log,
}: RetentionSweeperDeps) {
  function sweep(): void {
    const now = clock();
    const uses = usesSince(now - USE_EXTENSION_MS);
    const useOf = (generation: number) => uses.get(generation);
    const { oldest, limit } = generations.dropExpired(keepGenerations, { ...pinned, useOf }, now);
    if (limit !== undefined) onLimit(limit);
    if (oldest === undefined) return;
    loader
      .pruneBefore(oldest)
      .catch((err) =>
        log.warn({ err }, 'expired generations could not be deleted; the next sweep tries again'),
      );
  }
  const timer = setInterval(sweep, SWEEP_INTERVAL_MS).unref();
  return { sweep, stop: () => clearInterval(timer) };
}
