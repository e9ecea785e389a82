import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DamagedStateError } from './damage.ts';

/** The result of the worker; without members when the structure is sound. */
export interface CheckResult {
  damage?: string;
  /** Why the check could not be done. The file may be sound. */
  failure?: string;
}

/**
 * Checks the structure of a state file in a worker thread of low priority, while the file is in use. It also finds damaged pages
 * that no query reads, but not changed values.
 *
 * @param signal stops the check
 * @returns resolves when the thread has ended: a process that exits while a thread runs SQLite may abort
 * @throws DamagedStateError when the file is damaged; Error when the check could not be done
 */
export async function checkStructureInBackground(file: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { workerData: file });
  worker.unref();
  const terminate = () => void worker.terminate();
  signal.addEventListener('abort', terminate, { once: true });
  try {
    const settled = new AbortController();
    const ended = once(worker, 'exit', { signal: settled.signal }).then(() => {
      throw new Error('the check was stopped');
    });
    const [result]: CheckResult[] = await Promise.race([
      once(worker, 'message', { signal: settled.signal }),
      ended,
    ]).finally(() => {
      ended.catch(() => undefined);
      settled.abort();
    });
    if (result?.damage !== undefined) throw new DamagedStateError(result.damage);
    if (result?.failure !== undefined) throw new Error(result.failure);
  } finally {
    signal.removeEventListener('abort', terminate);
    await worker.terminate();
  }
}
