import type { ErrorData } from '@landfall/concurrency/error-data';
import { createWorkerClient } from '@landfall/concurrency/worker-client';
import type { Call, PartOf } from '@landfall/concurrency/worker-messages';
import { isDamage } from '@landfall/state-file/damage';
import type { FileIdentity } from '@landfall/state-file/file-identity';
import type { Rollup } from '../statistics/rollup/rollup.ts';
import type { DownloadedGeneration } from './import-generation.ts';
import type { LoadTasks, LoadWorkerData } from './load-tasks.ts';

/** How long a running task may go on when the service stops, ms. */
const CLOSE_GRACE_MS = 2_000;

export type Loader = ReturnType<typeof openLoader>;

/** A generation could not be loaded. */
export class LoadError extends Error {
  override name = 'LoadError';
  /** The code of SQLite or of the file system, when the error is one of theirs. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

export interface LoaderOptions extends Omit<LoadWorkerData, 'fileIdentity'> {
  /** Of the file that is being read; it changes when a damaged file is replaced. */
  fileIdentity: () => FileIdentity;
  /** Called with the reason when the database turns out to be damaged. */
  onDamage?: (why: string) => void;
}

/** Writes the database in a worker thread, one task at a time. Reads go on meanwhile. */
export function openLoader({ onDamage = () => undefined, fileIdentity, ...data }: LoaderOptions) {
  const thread = createWorkerClient<LoadTasks>({
    url: new URL('./worker.ts', import.meta.url),
    workerData: () => ({ ...data, fileIdentity: fileIdentity() }) satisfies LoadWorkerData,
    closedError: () => new Error('the loader is closed'),
    reviveError: toLoadError,
  });
  let lastTask: Promise<unknown> = Promise.resolve();
  let isClosing = false;

  function enqueue<T>(task: () => Promise<T>): Promise<T> {
    const done = lastTask.then(task);
    lastTask = done.catch(() => undefined);
    return done;
  }

  async function perform<Task extends Call<LoadTasks>>(task: Task): Promise<PartOf<LoadTasks, Task>> {
    if (isClosing) throw new Error('the loader is closed');
    try {
      for await (const result of thread.stream(task)) return result;
      throw new Error('the load thread sent no result');
    } catch (error) {
      if (isDamage(error)) onDamage(error.message);
      throw error;
    } finally {
      checkpoint();
    }
  }

  /** Nothing waits for it, and a failure changes nothing: the log stays as it is until the next one. */
  function checkpoint(): void {
    if (!isClosing)
      thread
        .stream({ kind: 'checkpoint', query: undefined })
        .next()
        .catch(() => undefined);
  }

  return {
    /**
     * Imports a generation as the newest one.
     *
     * @returns its rollup; undefined when it has none
     * @throws LoadError when the generation could not be imported, Error when the thread failed; the newest generation is then
     *   still the one before
     */
    load: (generation: DownloadedGeneration): Promise<Rollup | undefined> =>
      enqueue(() => perform({ kind: 'import', query: generation })),

    /** Deletes generations before `oldest`, and what only they have, in steps. Other tasks run between the steps. */
    async pruneBefore(oldest: number): Promise<void> {
      while (!isClosing && (await enqueue(() => perform({ kind: 'prune', query: { oldest } }))));
    },

    /**
     * Closes the file, ending a running task, and lets `replace` replace it before the next task.
     *
     * @throws the error of `replace`
     */
    replaceFile(replace: () => Promise<void>): Promise<void> {
      const done = enqueue(async () => {
        await thread.terminate();
        await replace();
      });
      thread.terminate();
      return done;
    },

    /** Closes the file. A task that still runs after `graceMs` is ended: it is a transaction, so nothing of it stays. */
    async close(graceMs = CLOSE_GRACE_MS): Promise<void> {
      isClosing = true;
      const grace = setTimeout(() => void thread.terminate(), graceMs);
      await lastTask;
      await thread.close();
      clearTimeout(grace);
    },
  };
}

function toLoadError({ message, properties: { code } }: ErrorData): LoadError {
  return new LoadError(message, typeof code === 'string' ? code : undefined);
}
