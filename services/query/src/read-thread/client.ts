import { Worker } from 'node:worker_threads';
import { gatherPerTurn } from '@landfall/concurrency/batch-per-tick';
import { type Stop, StoppedError, stoppable } from '../database/stoppable-reader.ts';
import { ApiError } from '../errors/api-error.ts';
import { type OnDamage, reportDamage } from '../errors/database-damaged.ts';
import { isLastPart, type ReadPart, type ReadRequest } from './read-kinds.ts';
import type { ReadAnswer, ReadTask, ReadWorkerData, WorkerMessage } from './worker.ts';

export type ReadThread = ReturnType<typeof openReadThread>;

/**
 * Reads that may wait for their first part at a time. A page takes some tenths of a millisecond, so further reads would wait
 * longer than a client does.
 */
const MAX_WAITING = 1_000;

interface ReadThreadOptions extends ReadWorkerData {
  /** Called with the reason when the thread finds the database damaged. */
  onDamage?: OnDamage | undefined;
}

/**
 * Reads in a worker thread, while this thread accepts requests and sends responses. Messages of one event-loop tick are sent
 * together: each message wakes the other thread, which costs as much as a small SQL statement. The worker starts with the first
 * read, and again after it has failed.
 */
export function openReadThread({ onDamage = () => undefined, ...data }: ReadThreadOptions) {
  const inboxes = new Map<number, Inbox>();
  let waiting = 0;
  let worker: Worker | undefined;
  let lastId = 0;
  let rowCount = 0;
  let isClosed = false;
  const outgoing = gatherPerTurn<ReadTask>((tasks) => {
    if (isClosed) return;
    try {
      worker ??= start();
      worker.postMessage(tasks);
    } catch (error) {
      // No caller could catch it, for example when the system has no thread left.
      failAll(error);
    }
  });
  const send = outgoing.add;

  function start(): Worker {
    const url = new URL('./worker.ts', import.meta.url);
    const started = new Worker(url, { workerData: data satisfies ReadWorkerData });
    started.postMessage([{ what: 'set-row-count', rows: rowCount }] satisfies ReadTask[]);
    let fault: unknown = new Error('the read thread ended');
    started.on('message', (messages: WorkerMessage[]) => {
      for (const message of messages) {
        if ('damage' in message) onDamage(message.damage);
        else inboxes.get(message.id)?.put(message);
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
      failAll(fault);
    });
    return started;
  }

  function failAll(fault: unknown): void {
    outgoing.drop();
    const failure = fault instanceof Error ? fault : new Error(String(fault));
    for (const [id, inbox] of inboxes) inbox.put({ id, failure });
  }

  async function* deliver<R extends ReadRequest>(request: R, stop: Stop): AsyncGenerator<ReadPart<R>> {
    if (isClosed) throw closedError();
    if (stop.isStopped) throw new StoppedError();
    if (waiting >= MAX_WAITING) {
      throw new ApiError('too_busy', 'Too many requests are waiting for a read. Try again later.');
    }
    const id = ++lastId;
    const inbox = makeInbox();
    inboxes.set(id, inbox);
    waiting++;
    let isWaiting = true;
    let isOver = false;
    stop.onStop = inbox.wake;
    send({ what: 'read', id, request });
    try {
      for (;;) {
        const answer = await inbox.take(stop);
        if (isWaiting) waiting--;
        isWaiting = false;
        if (!answer) throw new StoppedError();
        isOver = !('part' in answer);
        if ('isEnd' in answer) return;
        if ('refusal' in answer) throw new ApiError(...answer.refusal);
        if ('failure' in answer) throw answer.failure;
        const part = withBuffer(answer.part) as ReadPart<R>;
        const hasMore = !isLastPart(part);
        yield part;
        if (hasMore) send({ what: 'more', id });
      }
    } finally {
      if (isWaiting) waiting--;
      inboxes.delete(id);
      if (!isOver) send({ what: 'stop', id });
    }
  }

  async function end(running: Worker): Promise<void> {
    const exit = new Promise((resolve) => running.once('exit', resolve));
    running.postMessage([{ what: 'close' }] satisfies ReadTask[]);
    await exit;
  }

  return {
    /**
     * Runs a read; see `runRead`. The worker sends up to two parts ahead.
     *
     * @param signal stops the read, as `return` does
     * @throws ApiError too_busy, no_data_set when the thread is closed, and those of the read; StoppedError; Error when the
     * thread failed, in which case the next read starts a new one
     */
    read: <R extends ReadRequest>(request: R, signal?: AbortSignal): AsyncGenerator<ReadPart<R>> =>
      stoppable((stop) => deliver(request, stop), signal),

    /** Whether a read is pending. */
    isBusy: (): boolean => inboxes.size > 0,

    /** Sets the approximate number of rows, for the distance of the split points. */
    setRowCount(rows: number): void {
      rowCount = rows;
      send({ what: 'set-row-count', rows });
    },

    async close(): Promise<void> {
      isClosed = true;
      if (worker) await end(worker);
      failAll(closedError());
    },
  };
}

const closedError = (): ApiError => new ApiError('no_data_set', 'The data set is closed.');

/** A Buffer arrives from another thread as a Uint8Array. */
function withBuffer(part: ReadPart): ReadPart {
  if (!('text' in part)) return part;
  const { buffer, byteOffset, byteLength } = part.text;
  return { ...part, text: Buffer.from(buffer, byteOffset, byteLength) };
}

type Inbox = ReturnType<typeof makeInbox>;

/** A queue of the messages about one read. */
function makeInbox() {
  const answers: ReadAnswer[] = [];
  let wake: (() => void) | undefined;
  return {
    put(answer: ReadAnswer): void {
      answers.push(answer);
      wake?.();
    },
    wake: (): void => wake?.(),
    /** @returns undefined when the read was stopped */
    async take(stop: Stop): Promise<ReadAnswer | undefined> {
      for (;;) {
        if (stop.isStopped) return undefined;
        const answer = answers.shift();
        if (answer) return answer;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
