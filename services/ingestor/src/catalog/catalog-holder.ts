import path from 'node:path';
import type { Logger } from '@landfall/process/logger';
import { checkInBackground } from '@landfall/state-file/check-structure';
import { isDamage, setAside } from '@landfall/state-file/damage';
import { watchStateFile } from '@landfall/state-file/watch-file';
import type { Conditions } from '../health/conditions.ts';
import { type Catalog, openCatalog } from './catalog.ts';

/** What it needs. */
export interface SoundCatalogDeps {
  stateDir: string;
  conditions: Conditions;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

export type SoundCatalog = ReturnType<typeof openSoundCatalog>;

/** Between two replacements, ms: a disk that damages each new file must not cause one run after the other. */
const APART_MS = 10_000;

/**
 * The catalog, and another one when it turns out to be damaged: it is set aside, and the next run makes a new one from
 * the two buckets. Its structure is checked in the background when it is opened, and the file in its place is compared with
 * the open one all the time.
 *
 * @throws UnusableStateError when the folder cannot be used
 */
export function openSoundCatalog({ stateDir, conditions, clock, log }: SoundCatalogDeps) {
  const file = path.join(stateDir, 'catalog.sqlite');
  let catalog = open();
  let isDamaged = false;
  let stopWatching = (): void => undefined;
  let check = new AbortController();
  let checking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastReplaced = Number.NEGATIVE_INFINITY;
  let onDamage = (): void => undefined;

  function open(): Catalog {
    const onDiscard = (why: string) => log.warn(`the catalog is made anew: ${why}`);
    try {
      return openCatalog(file, onDiscard);
    } catch (error) {
      if (!isDamage(error)) throw error;
      onDiscard(`${error.message}; set aside as ${setAside(file, clock())}`);
      return openCatalog(file, onDiscard);
    }
  }

  function watch(): void {
    stopWatching = watchStateFile(file, damaged);
    check = new AbortController();
    const { signal } = check;
    checking = checkInBackground(file, signal).catch((err) => {
      if (signal.aborted) return;
      if (isDamage(err)) damaged(err.message);
      else log.warn({ err }, 'the structure of the catalog could not be checked');
    });
  }

  function damaged(why: string): void {
    if (isDamaged) return;
    isDamaged = true;
    conditions.set('state_damaged', `The catalog is damaged and is made anew: ${why}.`);
    log.error({ why }, 'the catalog is damaged: the next run makes a new one from the two buckets');
    const inMs = Math.max(0, lastReplaced + APART_MS - performance.now());
    timer = setTimeout(() => onDamage(), inMs);
  }

  function close(): void {
    check.abort();
    catalog.close();
    stopWatching();
    stopWatching = () => undefined;
  }

  watch();
  return {
    /** The one that was opened last; it may be damaged. */
    current: (): Catalog => catalog,

    /**
     * For a run, while no other goes on: the catalog, or a new one in the place of a damaged one.
     *
     * @returns whether it is a new one, of which nothing is known: the run has to list the whole bucket
     */
    replaceDamaged(): boolean {
      if (!isDamaged) return false;
      close();
      log.warn(`the damaged catalog was set aside as ${setAside(file, clock())}`);
      catalog = open();
      lastReplaced = performance.now();
      isDamaged = false;
      watch();
      return true;
    },

    /** Reports an error of a run; one that tells of no damage changes nothing. */
    report(error: unknown): void {
      if (isDamage(error)) damaged(error.message);
    },

    /** `listener` is called when a damage was found, so that a run replaces the catalog. */
    onDamage(listener: () => void): () => void {
      onDamage = listener;
      if (isDamaged) listener();
      return () => {
        onDamage = () => undefined;
      };
    },

    /** Resolves when the background check is over. */
    async close(): Promise<void> {
      clearTimeout(timer);
      close();
      await checking;
    },
  };
}
