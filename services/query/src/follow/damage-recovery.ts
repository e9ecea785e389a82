import type { Logger } from '@landfall/process/logger';
import { checkStructureInBackground } from '@landfall/state-file/check-structure';
import { isDamage, setAside } from '@landfall/state-file/damage';
import { watchStateFile } from '@landfall/state-file/watch-file';
import type { DataSet } from '../dataset/data-set.ts';
import type { Loader } from '../load/loader.ts';

export interface DamageRecoveryDeps {
  /** The database file. */
  file: string;
  dataSet: Pick<DataSet, 'suspend' | 'detach' | 'reopen'>;
  loader: Pick<Loader, 'replaceFile'>;
  /** Loads the published generation. */
  reload: () => Promise<void>;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

export type DamageRecovery = ReturnType<typeof startDamageRecovery>;

/** Between two replacements, ms: a disk that damages each new file must not keep the service busy. */
const REPLACEMENT_INTERVAL_MS = 10_000;

/**
 * Replaces the database when it is damaged: sets the file aside and loads the published generation into a new one. Damage can
 * make any value wrong, so nothing is served from the file until then. A background check reads the structure at the start, and
 * the file is compared with the open one all the time.
 */
export function startDamageRecovery({ file, dataSet, loader, reload, clock, log }: DamageRecoveryDeps) {
  /** `replaced`: the new file exists, and nothing is loaded into it yet. */
  let state: 'sound' | 'damaged' | 'replaced' = 'sound';
  let replacing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastReplacement = Number.NEGATIVE_INFINITY;
  let stopWatching = (): void => undefined;
  let check = new AbortController();
  let checking: Promise<void> | undefined;
  let isStopped = false;

  function watch(): void {
    stopWatching = watchStateFile(file, report);
    check = new AbortController();
    const { signal } = check;
    checking = checkStructureInBackground(file, signal).catch((err) => {
      if (signal.aborted) return;
      if (isDamage(err)) report(err.message);
      else log.warn({ err }, 'the structure of the database could not be checked');
    });
  }

  function unwatch(): void {
    check.abort();
    stopWatching();
    stopWatching = () => undefined;
  }

  function report(why: string): void {
    if (state === 'damaged' || isStopped) return;
    state = 'damaged';
    dataSet.suspend();
    log.error({ why }, 'the database is damaged; the published generation is loaded into a new one');
    replaceAfter(Math.max(0, lastReplacement + REPLACEMENT_INTERVAL_MS - performance.now()));
  }

  function replaceAfter(ms: number): void {
    timer = setTimeout(() => {
      replacing = replace().catch((err) => {
        log.error({ err }, 'the damaged database could not be replaced; it is tried again');
        if (!isStopped) replaceAfter(REPLACEMENT_INTERVAL_MS);
      });
    }, ms);
  }

  async function replace(): Promise<void> {
    lastReplacement = performance.now();
    await loader.replaceFile(async () => {
      await dataSet.detach();
      unwatch();
      log.warn(`the damaged database was set aside as ${setAside(file, clock())}`);
      dataSet.reopen();
      state = 'replaced';
      watch();
    });
    if (isStopped) return;
    reload().then(markLoaded, (err) => log.warn({ err }, 'the published generation could not be loaded'));
  }

  /** Ends the recovery: the published generation is loaded, or none is published. */
  function markLoaded(): void {
    if (state === 'replaced') state = 'sound';
  }

  watch();
  return {
    /** Receives the reason from any part that finds the database damaged. Further reports of the same damage have no effect. */
    report,
    markLoaded,
    /** Whether the database is damaged, or has not been loaded again since. */
    isDamaged: (): boolean => state !== 'sound',
    /** Starts no further replacement. Resolves when a running one, and the check, have ended. */
    async stop(): Promise<void> {
      isStopped = true;
      clearTimeout(timer);
      check.abort();
      await replacing;
      await checking;
    },
    /** Call it only after every connection to the file is closed. */
    close: unwatch,
  };
}
