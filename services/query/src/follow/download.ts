import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PublishedObject } from '@landfall/contracts/dataset/manifest';
import type { ObjectStore } from '@landfall/object-store/object-store';

/** A published object differs from what its manifest says. */
export class PublishedObjectError extends Error {
  override name = 'PublishedObjectError';
}

/**
 * Downloads a published object to a file.
 *
 * @param signal ends the download at once, also while the store does not answer
 * @throws StoreError; PublishedObjectError when the object has another size; AbortError; Error of the file system
 */
export async function download(
  store: ObjectStore,
  bucket: string,
  { key, size }: PublishedObject,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const opening = store.open(bucket, key);
  const { body } = await rejectOnAbort(opening, signal).catch((error) => {
    // The object may still be opened later. Its stream has to be closed then.
    opening.then((late) => late.body.destroy()).catch(() => undefined);
    throw error;
  });
  await pipeline(body, fs.createWriteStream(file), { signal });
  const { size: found } = await fs.promises.stat(file);
  if (found !== size) {
    throw new PublishedObjectError(`${key} has ${found} bytes instead of the ${size} of the manifest`);
  }
}

/** Settles as `promise` does, or rejects when `signal` is aborted before. */
export function rejectOnAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Creates an empty folder. Removes what an earlier process left in its place. */
export async function createEmptyFolder(parent: string, name: string): Promise<string> {
  const folder = path.join(parent, name);
  await fs.promises.rm(folder, { recursive: true, force: true });
  await fs.promises.mkdir(folder, { recursive: true });
  return folder;
}
