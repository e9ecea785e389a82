import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Logger } from '@landfall/process/logger';
import { checkStructureInBackground } from '@landfall/state-file/check-structure';
import { isDamage, setAside } from '@landfall/state-file/damage';
import { watchStateFile } from '@landfall/state-file/watch-file';
import type { Conditions } from '../health/conditions.ts';
import { type Catalog, openCatalog } from './catalog.ts';

/** The dependencies of a catalog holder. */
export interface CatalogHolderDeps {
  stateDir: string;
  definition: Definition;
  conditions: Conditions;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

export type CatalogHolder = ReturnType<typeof openCatalogHolder>;

/** Minimum time between two replacements, ms: a disk that damages each new file must not cause a loop of runs. */
const REPLACE_INTERVAL_MS = 10_000;

/**
 * Opens the catalog and replaces it when it is damaged: the file is set aside, and the next run rebuilds the catalog from the
 * two buckets. Damage is found by a background check of the structure after opening, by watching the file on disk, and by
 * errors that `reportError` receives.
 *
 * @throws UnusableStateError if the folder cannot be used
 */
export function openCatalogHolder({ stateDir, definition, conditions, clock, log }: CatalogHolderDeps) {
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
    const onDiscard = (why: string) => log.warn(`the catalog is rebuilt: ${why}`);
    try {
      return openCatalog(file, definition, onDiscard);
    } catch (error) {
      if (!isDamage(error)) throw error;
      onDiscard(`${error.message}; set aside as ${setAside(file, clock())}`);
      return openCatalog(file, definition, onDiscard);
    }
  }

  function watch(): void {
    stopWatching = watchStateFile(file, markDamaged);
    check = new AbortController();
    const { signal } = check;
    checking = checkStructureInBackground(file, signal).catch((err) => {
      if (signal.aborted) return;
      if (isDamage(err)) markDamaged(err.message);
      else log.warn({ err }, 'the structure of the catalog could not be checked');
    });
  }

  function markDamaged(why: string): void {
    if (isDamaged) return;
    isDamaged = true;
    conditions.set('state_damaged', `The catalog is damaged and is being rebuilt: ${why}.`);
    log.error({ why }, 'the catalog is damaged: the next run rebuilds it from the two buckets');
    const inMs = Math.max(0, lastReplaced + REPLACE_INTERVAL_MS - performance.now());
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
    /** The catalog that was opened last; it may be damaged. */
    current: (): Catalog => catalog,

    /**
     * Replaces a damaged catalog by an empty one. Call it before a run, while no other run is active.
     *
     * @returns whether the catalog was replaced: the run must list the whole bucket then
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

    /** Checks the error of a run; marks the catalog as damaged if the error says so. */
    reportError(error: unknown): void {
      if (isDamage(error)) markDamaged(error.message);
    },

    /** @param listener called when damage is found, to start a run that replaces the catalog */
    onDamage(listener: () => void): () => void {
      onDamage = listener;
      if (isDamaged) listener();
      return () => {
        onDamage = () => undefined;
      };
    },

    /** Resolves when the background check has ended. */
    async close(): Promise<void> {
      clearTimeout(timer);
      close();
      await checking;
    },
  };
}
