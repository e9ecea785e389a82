import type { Logger } from '@landfall/process/logger';
import { checkInBackground } from '@landfall/state-file/check-structure';
import { isDamage, setAside } from '@landfall/state-file/damage';
import { watchStateFile } from '@landfall/state-file/watch-file';
import type { DataSet } from '../dataset/data-set.ts';
import type { Loader } from '../load/loader.ts';

/** What replacing needs. */
export interface ReplaceDeps {
  /** The database. */
  file: string;
  dataSet: Pick<DataSet, 'suspend' | 'detach' | 'reopen'>;
  loader: Pick<Loader, 'replaceFile'>;
  /** Loads what is published, and reports its own failure by rejecting. */
  reload: () => Promise<void>;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

export type DamagedReplacement = ReturnType<typeof replaceDamaged>;

/** Between two replacements, ms: a disk that damages each new file must not keep the service busy. */
const APART_MS = 10_000;

/**
 * Replaces the database when it is damaged: it is set aside, and what is published is loaded into a new one. What is
 * damaged may be wrong anywhere, so nothing is served from it meanwhile. The structure is checked in the background at the
 * start, and the file in its place is compared with the open one all the time.
 */
export function replaceDamaged({ file, dataSet, loader, reload, clock, log }: ReplaceDeps) {
  /** `replaced`: a new file is there, and nothing is loaded yet. */
  let state: 'sound' | 'damaged' | 'replaced' = 'sound';
  let replacing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastReplaced = Number.NEGATIVE_INFINITY;
  let stopWatching = (): void => undefined;
  let check = new AbortController();
  let checking: Promise<void> | undefined;
  let isStopped = false;

  function watch(): void {
    stopWatching = watchStateFile(file, report);
    check = new AbortController();
    const { signal } = check;
    checking = checkInBackground(file, signal).catch((err) => {
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
    log.error({ why }, 'the database is damaged: what is published is loaded into a new one');
    replaceIn(Math.max(0, lastReplaced + APART_MS - performance.now()));
  }

  function replaceIn(ms: number): void {
    timer = setTimeout(() => {
      replacing = replace().catch((err) => {
        log.error({ err }, 'the damaged database could not be replaced: it is tried again');
        if (!isStopped) replaceIn(APART_MS);
      });
    }, ms);
  }

  async function replace(): Promise<void> {
    lastReplaced = performance.now();
    await loader.replaceFile(async () => {
      await dataSet.detach();
      unwatch();
      log.warn(`the damaged database was set aside as ${setAside(file, clock())}`);
      dataSet.reopen();
      state = 'replaced';
      watch();
    });
    if (isStopped) return;
    reload().then(loaded, (err) => log.warn({ err }, 'what is published could not be loaded'));
  }

  /** What is published was loaded, or there is nothing. */
  function loaded(): void {
    if (state === 'replaced') state = 'sound';
  }

  watch();
  return {
    /** Any part that finds the database damaged says so here; further reports of the same damage change nothing. */
    report,
    loaded,
    /** Whether it is damaged, or not loaded again since. */
    isDamaged: (): boolean => state !== 'sound',
    /** No replacement begins any more. Resolves when one that has begun, and the check, are over. */
    async stop(): Promise<void> {
      isStopped = true;
      clearTimeout(timer);
      check.abort();
      await replacing;
      await checking;
    },
    /** Only after every connection to the file is closed. */
    close: unwatch,
  };
}
