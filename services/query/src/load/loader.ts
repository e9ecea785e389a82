import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { isDamage } from '@landfall/state-file/damage';
import type { DayCounts } from '../statistics/day-counts.ts';
import type { Generation } from './import-generation.ts';
import type { LoadResult, LoadTask } from './worker.ts';

/** How long a load may go on when the service stops, ms. */
const CLOSE_GRACE_MS = 2_000;

export type Loader = ReturnType<typeof openLoader>;

/**
 * Writes the database in a worker thread, one task at a time, so that reading goes on meanwhile.
 *
 * @param databaseFile a state file of the layout of `database-layout.ts`
 * @param onDamage called when the file turns out to be damaged while it is written
 */
export function openLoader(databaseFile: string, onDamage: (why: string) => void = () => undefined) {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closing = false;

  function startWorker(): Worker {
    const started = new Worker(new URL('./worker.ts', import.meta.url), { workerData: databaseFile });
    // An error between two tasks; during one, the task fails with it. Without a listener it would end the process.
    started.on('error', () => undefined);
    started.once('exit', () => {
      if (worker === started) worker = undefined;
    });
    return started;
  }

  function perform<What extends keyof LoadResult>(
    task: LoadTask & { what: What },
  ): Promise<LoadResult[What]> {
    const done = last.then(() => ask<What>(task));
    last = done.catch(() => undefined);
    return done;
  }

  async function ask<What extends keyof LoadResult>(task: LoadTask): Promise<LoadResult[What]> {
    if (closing) throw new Error('the loader is closed');
    worker ??= startWorker();
    const running = worker;
    const over = new AbortController();
    const crashed = once(running, 'exit', { signal: over.signal }).then(() => {
      throw new Error('the loading thread ended');
    });
    try {
      running.postMessage(task);
      // An 'error' of the worker rejects this one.
      const [answer] = await Promise.race([once(running, 'message', { signal: over.signal }), crashed]);
      if ('failure' in answer) {
        if (answer.isDamage) onDamage(answer.failure);
        throw new LoadError(answer.failure, answer.code);
      }
      return answer.result;
    } catch (error) {
      if (isDamage(error)) onDamage(error.message);
      throw error;
    } finally {
      crashed.catch(() => undefined);
      over.abort();
    }
  }

  return {
    /**
     * @returns how many of its users were born when
     * @throws Error when the generation could not be loaded; then the one before is still there
     */
    load: (generation: Generation): Promise<DayCounts> => perform({ what: 'load', generation }),

    /** Drops generations before `horizon`, and what only they had, between any loads that come meanwhile. */
    async forgetBefore(horizon: number): Promise<void> {
      while (!closing && (await perform({ what: 'forget', horizon })));
    },

    /**
     * Closes the file, also when a load goes on, and has `work` replace it before anything else is loaded.
     *
     * @throws Error of `work`
     */
    replaceFile(work: () => Promise<void>): Promise<void> {
      const done = last.then(async () => {
        await worker?.terminate();
        await work();
      });
      last = done.catch(() => undefined);
      worker?.terminate();
      return done;
    },

    /** Ends a load that goes on after `graceMs`: it is a transaction, and leaves nothing. */
    async close(graceMs = CLOSE_GRACE_MS): Promise<void> {
      closing = true;
      const grace = setTimeout(() => void worker?.terminate(), graceMs);
      await last;
      if (worker) {
        const exit = once(worker, 'exit');
        worker.postMessage({ what: 'close' } satisfies LoadTask);
        await exit;
      }
      clearTimeout(grace);
    },
  };
}

/** The generation could not be loaded. */
export class LoadError extends Error {
  override name = 'LoadError';
  /** Of SQLite or the file system, where the reason is there. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}
