import type { Logger } from '@landfall/process/logger';
import type { Generations } from '../dataset/generations.ts';
import type { Loader } from '../load/loader.ts';

export interface RetentionSweeperDeps {
  generations: Pick<Generations, 'dropExpired'>;
  loader: Pick<Loader, 'pruneBefore'>;
  /** Generations that stay at least. */
  keepGenerations: number;
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
  clock,
  log,
}: RetentionSweeperDeps) {
  function sweep(): void {
    const oldest = generations.dropExpired(keepGenerations, clock());
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
