import { Worker } from 'node:worker_threads';
import { batchPerTick } from '@landfall/concurrency/batch-per-tick';
import { type Stop, StoppedError, stoppable } from '../database/stoppable-reader.ts';
import { ApiError } from '../errors/api-error.ts';
import { type OnDamage, reportDamage } from '../errors/database-damaged.ts';
import type { Pace } from '../search/scan-limits.ts';
import { isLast, type Part, type Read } from './read-kinds.ts';
import type { ReadAnswer, ReadTask, WorkerMessage } from './worker.ts';

export type ReadThread = ReturnType<typeof openReadThread>;

/**
 * Reads that may wait for their first part at a time. A page takes some tenths of a millisecond: more than these would wait
 * for longer than a client does.
 */
const MAX_WAITING = 1_000;

/** What the reading thread needs. */
interface ReadThreadOptions {
  /** A state file of the layout of `database-layout.ts`. */
  databaseFile: string;
  pace: Pace;
  /** Called when the thread finds the file damaged. */
  onDamage?: OnDamage | undefined;
}

/**
 * Reads in a worker thread, so that requests are taken and answers sent meanwhile. What is said in one turn of the
 * event loop goes over at once: each message wakes the other side, which costs as much as a small statement.
 */
export function openReadThread({ databaseFile, pace, onDamage = () => undefined }: ReadThreadOptions) {
  const inboxes = new Map<number, Inbox>();
  let waiting = 0;
  let worker: Worker | undefined;
  let lastId = 0;
  let rows = 0;
  let isClosed = false;
  const outbox = batchPerTick<ReadTask>((tasks) => {
    if (isClosed) return;
    try {
      worker ??= start();
      worker.postMessage(tasks);
    } catch (error) {
      // Here nobody could catch it: the system has no thread left, say.
      endAll(error);
    }
  });
  const tell = outbox.add;

  function start(): Worker {
    const url = new URL('./worker.ts', import.meta.url);
    const started = new Worker(url, { workerData: { databaseFile, pace } });
    started.postMessage([{ what: 'look', rows }] satisfies ReadTask[]);
    let fault: unknown = new Error('the reading thread ended');
    started.on('message', (answers: WorkerMessage[]) => {
      for (const answer of answers) {
        if ('damage' in answer) onDamage(answer.damage);
        else inboxes.get(answer.id)?.put(answer);
      }
    });
    started.on('error', (error) => {
      fault = reportDamage(error, onDamage);
    });
    started.on('messageerror', (error) => {
      fault = error;
      started.terminate();
    });
    started.on('exit', () => {
      worker = undefined;
      endAll(fault);
    });
    return started;
  }

  function endAll(fault: unknown): void {
    outbox.clear();
    const failure = fault instanceof Error ? fault : new Error(String(fault));
    for (const [id, inbox] of inboxes) inbox.put({ id, failure });
  }

  async function* deliver<R extends Read>(read: R, stop: Stop): AsyncGenerator<Part<R>> {
    if (isClosed) throw closed();
    if (stop.isStopped) throw new StoppedError();
    if (waiting >= MAX_WAITING) {
      throw new ApiError('too_busy', 'Too many requests wait for their answer. Try again later.');
    }
    const id = ++lastId;
    const inbox = makeInbox();
    inboxes.set(id, inbox);
    waiting++;
    let isWaiting = true;
    let isOver = false;
    stop.onStop = inbox.wake;
    tell({ what: 'read', id, read });
    try {
      for (;;) {
        const answer = await inbox.take(stop);
        if (isWaiting) waiting--;
        isWaiting = false;
        if (!answer) throw new StoppedError();
        isOver = !('part' in answer);
        if ('isAll' in answer) return;
        if ('refusal' in answer) throw new ApiError(...answer.refusal);
        if ('failure' in answer) throw answer.failure;
        const part = inOwnMemory(answer.part) as Part<R>;
        const hasMore = !isLast(part);
        yield part;
        if (hasMore) tell({ what: 'more', id });
      }
    } finally {
      if (isWaiting) waiting--;
      inboxes.delete(id);
      if (!isOver) tell({ what: 'stop', id });
    }
  }

  async function end(running: Worker): Promise<void> {
    const exit = new Promise((resolve) => running.once('exit', resolve));
    running.postMessage([{ what: 'close' }] satisfies ReadTask[]);
    await exit;
  }

  return {
    /**
     * Reads what is asked for; see `run` in reads.ts. Some parts are read ahead of whoever takes them, never more.
     *
     * @param signal stops it, as `return` does
     * @throws ApiError too_busy, and what the read throws; StoppedError; Error also when the thread
     * ended, in which case the next to ask gets another one, or is closed
     */
    read: <R extends Read>(read: R, signal?: AbortSignal): AsyncGenerator<Part<R>> =>
      stoppable((stop) => deliver(read, stop), signal),

    /** Whether somebody reads. */
    isBusy: (): boolean => inboxes.size > 0,

    /** There are about so many users now. */
    look(count: number): void {
      rows = count;
      tell({ what: 'look', rows });
    },

    async close(): Promise<void> {
      isClosed = true;
      if (worker) await end(worker);
      endAll(closed());
    },
  };
}

const closed = (): ApiError => new ApiError('no_data_set', 'The data set was closed.');

/** What has come from another thread as plain bytes is a Buffer again. */
function inOwnMemory(part: Part): Part {
  if (!('text' in part)) return part;
  const { buffer, byteOffset, byteLength } = part.text;
  return { ...part, text: Buffer.from(buffer, byteOffset, byteLength) };
}

type Inbox = ReturnType<typeof makeInbox>;

/** What one reader has been told, in order. */
function makeInbox() {
  const told: ReadAnswer[] = [];
  let wake: (() => void) | undefined;
  return {
    put(answer: ReadAnswer): void {
      told.push(answer);
      wake?.();
    },
    wake: (): void => wake?.(),
    /** @returns undefined once nobody waits for it any more */
    async take(stop: Stop): Promise<ReadAnswer | undefined> {
      for (;;) {
        if (stop.isStopped) return undefined;
        const answer = told.shift();
        if (answer) return answer;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
