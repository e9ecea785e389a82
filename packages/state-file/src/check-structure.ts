import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { DamagedStateError } from './damage.ts';
import { type FileIdentity, identify } from './file-identity.ts';

/** Time until the thread starts, ms. What a service does first needs the CPU more. */
const START_AFTER_MS = 1_000;

export interface CheckWorkerData {
  file: string;
  expected: FileIdentity;
  /** Shared with the worker: 1 when the check is not to begin. */
  isStopped: Int32Array;
}

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
 * @param signal stops a check that has not begun. A running one goes on to its end, as nothing can interrupt it: a thread that is
 *   terminated while it loads SQLite aborts the process.
 * @returns resolves when the thread has ended: a process that exits while a thread runs SQLite may abort
 * @throws DamagedStateError when the file is damaged; Error when the check could not be done; the reason of `signal`
 */
export async function checkStructureInBackground(file: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const expected = identify(file);
  await sleep(START_AFTER_MS, undefined, { signal });
  const isStopped = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: CheckWorkerData = { file, expected, isStopped };
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { workerData });
  const stop = () => void Atomics.store(isStopped, 0, 1);
  signal.addEventListener('abort', stop, { once: true });
  let result: CheckResult = { failure: 'the thread ended without a result' };
  worker.on('message', (message) => {
    result = message;
  });
  try {
    await once(worker, 'exit');
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  if (result.damage !== undefined) throw new DamagedStateError(result.damage);
  if (result.failure !== undefined) throw new Error(result.failure);
}
