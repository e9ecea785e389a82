import type { Logger } from '@landfall/process/logger';
import type { Generations } from '../dataset/generations.ts';
import type { Loader } from '../load/loader.ts';

/** What retiring needs. */
export interface RetireDeps {
  generations: Generations;
  loader: Loader;
  /** So many generations stay at least. */
  keepGenerations: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

/** Generations grow old without anything happening. */
const LOOK_EVERY_MS = 60_000;

/** Lets generations go that need not stay, in the background: at every new one, and every minute. */
export function retireGenerations({ generations, loader, keepGenerations, clock, log }: RetireDeps) {
  function look(): void {
    const horizon = generations.retire(keepGenerations, clock());
    if (horizon === undefined) return;
    loader
      .forgetBefore(horizon)
      .catch((err) => log.warn({ err }, 'old generations could not be dropped; it is tried again'));
  }
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return { look, stop: () => clearInterval(timer) };
}
