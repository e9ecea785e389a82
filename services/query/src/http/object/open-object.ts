import type { Readable } from 'node:stream';
import { type ObjectStore, type ObjectVersion, StoreError } from '@landfall/object-store/object-store';

export interface ObjectName {
  bucket: string;
  key: string;
}

/** An object whose store has begun to answer. */
export interface OpenObject extends ObjectVersion {
  /** Its bytes; undefined when only its version was asked for. */
  body: Readable | undefined;
  /** Has the store send no more. */
  close: () => void;
}

/**
 * What a HEAD needs to know: nothing is read.
 *
 * @param ms how long the store may take
 * @param signal aborts when nobody waits any more
 * @throws StoreError also not_found; timeout when the store takes longer, or nobody waits
 */
export async function headObject(
  store: ObjectStore,
  { bucket, key }: ObjectName,
  ms: number,
  signal: AbortSignal,
): Promise<OpenObject> {
  const version = await inTime(store.head(bucket, key), ms, signal, () => undefined);
  if (!version) throw new StoreError('not_found', `there is no object ${bucket}/${key}`);
  return { ...version, body: undefined, close: () => undefined };
}

/** Opens an object, and waits for its first bytes, so that a store that hangs is an error and no broken answer. See `headObject`. */
export async function openObject(
  store: ObjectStore,
  { bucket, key }: ObjectName,
  ms: number,
  signal: AbortSignal,
): Promise<OpenObject> {
  const close = ({ body }: { body: Readable }) => body.destroy();
  const object = await inTime(store.open(bucket, key), ms, signal, close);
  const { body } = object;
  // One that is destroyed while nobody reads it would throw.
  body.on('error', () => undefined);
  try {
    await inTime(firstBytesOf(body), ms, signal, () => undefined);
  } catch (error) {
    body.destroy();
    throw error;
  }
  return { ...object, close: () => body.destroy() };
}

/** Resolves when there is something to read, or nothing at all. */
function firstBytesOf(body: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    if (body.readableLength > 0 || body.readableEnded) resolve();
    body.once('readable', resolve).once('end', resolve);
    body.once('error', (error) =>
      reject(
        error instanceof StoreError ? error : new StoreError('unavailable', error.message, { cause: error }),
      ),
    );
    body.once('close', () => reject(new StoreError('unavailable', 'the object broke off')));
  });
}

/** @param drop called with a result that comes too late */
function inTime<T>(work: Promise<T>, ms: number, signal: AbortSignal, drop: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const giveUp = () => end(() => reject(new StoreError('timeout', `no answer within ${ms} ms`)));
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
