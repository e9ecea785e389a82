import { type ErrorData, toError } from '@landfall/concurrency/error-data';
import { createWorkerClient } from '@landfall/concurrency/worker-client';
import { ApiError } from '../errors/api-error.ts';
import { type OnDamage, reportDamage } from '../errors/database-damaged.ts';
import type { ReadKinds, ReadPart, ReadRequest } from './read-kinds.ts';
import type { ReadWorkerData, ReadWorkerEvent, ReadWorkerSetting } from './worker.ts';

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

/** Reads in a worker thread, while this thread accepts requests and sends responses. */
export function openReadThread({ onDamage = () => undefined, ...data }: ReadThreadOptions) {
  const thread = createWorkerClient<ReadKinds, ReadWorkerSetting, ReadWorkerEvent>({
    url: new URL('./worker.ts', import.meta.url),
    workerData: () => data satisfies ReadWorkerData,
    maxWaiting: MAX_WAITING,
    overloadError: () =>
      new ApiError('too_busy', 'Too many requests are waiting for a read. Try again later.'),
    closedError: () => new ApiError('no_data_set', 'The data set is closed.'),
    reviveError,
    revivePart: withBuffer,
    crashError: (error) => reportDamage(error, onDamage),
    onEvent: ({ damage }) => onDamage(damage),
  });

  return {
    /**
     * Runs a read; see `runRead`. The worker sends up to two parts ahead.
     *
     * @param signal stops the read, as `return` does
     * @throws ApiError too_busy, no_data_set when the thread is closed, and those of the read; StoppedError; Error when the
     * thread failed, in which case the next read starts a new one
     */
    read: <R extends ReadRequest>(request: R, signal?: AbortSignal): AsyncGenerator<ReadPart<R>> =>
      thread.stream(request, signal),

    /** Whether a read is pending. */
    isBusy: thread.isBusy,

    /** Sets the approximate number of rows, for the distance of the split points. */
    setRowCount: (rowCount: number): void => thread.set({ rowCount }),

    close: thread.close,
  };
}

/** An ApiError of the worker becomes one of this thread, so that it is recognized by its class. */
function reviveError(data: ErrorData): Error {
  if (data.name !== 'ApiError') return toError(data);
  const { code, more } = data.properties as Pick<ApiError, 'code' | 'more'>;
  return new ApiError(code, data.message, more);
}

/** A Buffer arrives from another thread as a Uint8Array. */
function withBuffer(part: ReadPart): ReadPart {
  if (!('text' in part)) return part;
  const { buffer, byteOffset, byteLength } = part.text;
  return { ...part, text: Buffer.from(buffer, byteOffset, byteLength) };
}
