import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { BirthDays } from '../birth-days.ts';
import type { Generation } from './take-over.ts';
import type { LoadResult, LoadTask } from './worker.ts';

export type Loader = ReturnType<typeof openLoader>;

/**
 * Writes the database in a worker thread, one task at a time, so that reading goes on meanwhile.
 *
 * @param databaseFile a state file of the layout of `database-layout.ts`
 */
export function openLoader(databaseFile: string) {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closing = false;

  function perform<What extends keyof LoadResult>(
    task: LoadTask & { what: What },
  ): Promise<LoadResult[What]> {
    const done = last.then(() => ask<What>(task));
    last = done.catch(() => undefined);
    return done;
  }

  async function ask<What extends keyof LoadResult>(task: LoadTask): Promise<LoadResult[What]> {
    worker ??= new Worker(new URL('./worker.ts', import.meta.url), { workerData: databaseFile });
    const running = worker;
    const over = new AbortController();
    const crashed = once(running, 'exit', { signal: over.signal }).then(() => {
      throw new Error('the loading thread ended');
    });
    try {
      running.postMessage(task);
      // An 'error' of the worker rejects this one.
      const [answer] = await Promise.race([once(running, 'message', { signal: over.signal }), crashed]);
      if ('failure' in answer) throw new LoadError(answer.failure);
      return answer.result;
    } catch (error) {
      if (!(error instanceof LoadError)) worker = undefined;
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
    load: (generation: Generation): Promise<BirthDays> => perform({ what: 'load', generation }),

    /** Drops generations before `horizon`, and what only they had, between any loads that come meanwhile. */
    async forgetBefore(horizon: number): Promise<void> {
      while (!closing && (await perform({ what: 'forget', horizon })));
    },

    async close(): Promise<void> {
      closing = true;
      await last;
      if (!worker) return;
      const exit = once(worker, 'exit');
      worker.postMessage({ what: 'close' } satisfies LoadTask);
      await exit;
      worker = undefined;
    },
  };
}

/** The generation could not be loaded. */
class LoadError extends Error {
  override name = 'LoadError';
}
