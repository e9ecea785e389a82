import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PublishedObject } from '@landfall/contracts/dataset/manifest';
import type { ObjectStore } from '@landfall/object-store/object-store';

/** A published object is not what its manifest says. */
export class PublishedObjectError extends Error {
  override name = 'PublishedObjectError';
}

/**
 * Reads a published object into a file.
 *
 * @param signal ends it at once, also while the store does not answer
 * @throws StoreError; PublishedObjectError when it has another size; AbortError; Error of the file system
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
  const { body } = await orAborted(opening, signal).catch((error) => {
    // It may open after all; then nobody reads it.
    opening.then((late) => late.body.destroy()).catch(() => undefined);
    throw error;
  });
  await pipeline(body, fs.createWriteStream(file), { signal });
  const { size: found } = await fs.promises.stat(file);
  if (found !== size) {
    throw new PublishedObjectError(`${key} has ${found} bytes instead of the ${size} of the manifest`);
  }
}

/** Resolves or rejects as `promise` does, or rejects when `signal` is aborted before. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** An empty folder: what an earlier process left in it is removed. */
export async function emptyFolder(parent: string, name: string): Promise<string> {
  const folder = path.join(parent, name);
  await fs.promises.rm(folder, { recursive: true, force: true });
  await fs.promises.mkdir(folder, { recursive: true });
  return folder;
}
