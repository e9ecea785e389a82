import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Generation } from './take-over.ts';
import type { LoadAnswer } from './worker.ts';

export type Loader = ReturnType<typeof openLoader>;

/**
 * Loads generations into the database in a worker thread, one at a time, so that reading goes on meanwhile.
 *
 * @param databaseFile a state file of the layout of `database-layout.ts`
 */
export function openLoader(databaseFile: string) {
  let worker: Worker | undefined;

  return {
    /** @throws Error when the generation could not be loaded; then the old one is still there */
    async load(generation: Generation): Promise<void> {
      worker ??= new Worker(new URL('./worker.ts', import.meta.url), { workerData: databaseFile });
      const running = worker;
      const over = new AbortController();
      const crashed = once(running, 'exit', { signal: over.signal }).then(() => {
        throw new Error('the loading thread ended');
      });
      try {
        running.postMessage(generation);
        // An 'error' of the worker rejects this one.
        const [answer] = await Promise.race([once(running, 'message', { signal: over.signal }), crashed]);
        const failure: LoadAnswer = answer;
        if (failure !== undefined) throw new LoadError(failure);
      } catch (error) {
        if (!(error instanceof LoadError)) worker = undefined;
        throw error;
      } finally {
        crashed.catch(() => undefined);
        over.abort();
      }
    },

    async close(): Promise<void> {
      if (!worker) return;
      const exit = once(worker, 'exit');
      worker.postMessage('close');
      await exit;
      worker = undefined;
    },
  };
}

/** The generation could not be loaded. */
class LoadError extends Error {
  override name = 'LoadError';
}
