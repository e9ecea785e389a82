import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DamagedStateError } from './damage.ts';

/** What the worker found: undefined when the structure is sound. */
export interface CheckResult {
  damage?: string;
  /** The check could not be done; the file may be sound. */
  failure?: string;
}

/**
 * Checks the structure of a state file in a worker thread of low priority, so that the file can be used meanwhile. A
 * page that is never read is found as well; changed values are not.
 *
 * @param signal stops the check
 * @returns resolves when the thread has ended: a process that exits while SQLite is at work in one may abort
 * @throws DamagedStateError when the file is damaged; Error when the check could not be done
 */
export async function checkInBackground(file: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { workerData: file });
  worker.unref();
  const terminate = () => void worker.terminate();
  signal.addEventListener('abort', terminate, { once: true });
  try {
    const over = new AbortController();
    const ended = once(worker, 'exit', { signal: over.signal }).then(() => {
      throw new Error('the check was stopped');
    });
    const [result]: CheckResult[] = await Promise.race([
      once(worker, 'message', { signal: over.signal }),
      ended,
    ]).finally(() => {
      ended.catch(() => undefined);
      over.abort();
    });
    if (result?.damage !== undefined) throw new DamagedStateError(result.damage);
    if (result?.failure !== undefined) throw new Error(result.failure);
  } finally {
    signal.removeEventListener('abort', terminate);
    await worker.terminate();
  }
}
