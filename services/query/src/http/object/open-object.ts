import type { Readable } from 'node:stream';
import {
  type ObjectStore,
  type ObjectVersion,
  StoreError,
  type VersionRange,
} from '@landfall/object-store/object-store';

export interface ObjectName {
  bucket: string;
  key: string;
}

/** An object of which the store has begun to send. */
export interface OpenObject extends ObjectVersion {
  /** The requested bytes; undefined after `headObject`. */
  body: Readable | undefined;
  /** Number of bytes of `body`; those of the whole object after `headObject`. */
  length: number;
  /** Set when `body` is a part of the object. */
  range?: VersionRange;
  /** Stops the transfer from the store. */
  close: () => void;
}

/**
 * Reads the metadata of an object, without its bytes.
 *
 * @param ms timeout of the store
 * @param signal aborts when the client disconnects
 * @throws StoreError; not_found; timeout after `ms` or an abort
 */
export async function headObject(
  store: ObjectStore,
  { bucket, key }: ObjectName,
  ms: number,
  signal: AbortSignal,
): Promise<OpenObject> {
  const version = await withDeadline(store.head(bucket, key), ms, signal, () => undefined);
  if (!version) throw new StoreError('not_found', `there is no object ${bucket}/${key}`);
  return { ...version, body: undefined, length: version.size, close: () => undefined };
}

/**
 * Opens an object and waits for its first bytes, so that a store that hangs causes an error, and not a response that breaks off.
 * Parameters and errors are those of `headObject`.
 *
 * @param range the bytes to open; default: all
 * @throws StoreError; precondition_failed when the object has another version than `range`
 */
export async function openObject(
  store: ObjectStore,
  { bucket, key }: ObjectName,
  ms: number,
  signal: AbortSignal,
  range?: VersionRange,
): Promise<OpenObject> {
  const close = ({ body }: { body: Readable }) => body.destroy();
  const object = await withDeadline(store.open(bucket, key, range), ms, signal, close);
  const { body } = object;
  // Without a listener, an error of the stream would end the process.
  body.on('error', () => undefined);
  try {
    await withDeadline(firstBytesOf(body), ms, signal, () => undefined);
  } catch (error) {
    body.destroy();
    throw error;
  }
  const opened = { ...object, close: () => body.destroy() };
  return range
    ? { ...opened, length: range.last - range.first + 1, range }
    : { ...opened, length: object.size };
}

/** Resolves when the first bytes have arrived, or when the object is empty. */
function firstBytesOf(body: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    if (body.readableLength > 0 || body.readableEnded) resolve();
    body.once('readable', resolve).once('end', resolve);
    body.once('error', (error) =>
      reject(
        error instanceof StoreError ? error : new StoreError('unavailable', error.message, { cause: error }),
      ),
    );
    body.once('close', () => reject(new StoreError('unavailable', 'the store closed the transfer')));
  });
}

/** Limits the time of an operation. @param drop called with a result that comes too late */
function withDeadline<T>(
  work: Promise<T>,
  ms: number,
  signal: AbortSignal,
  drop: (late: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const giveUp = () => end(() => reject(new StoreError('timeout', `no response within ${ms} ms`)));
    const timer = setTimeout(giveUp, ms);
    signal.addEventListener('abort', giveUp);
    function end(settle: () => void): boolean {
      if (isOver) return false;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      settle();
      return true;
    }
    if (signal.aborted) giveUp();
    work.then(
      (result) => {
        if (!end(() => resolve(result))) drop(result);
      },
      (error) => end(() => reject(error)),
    );
  });
}
