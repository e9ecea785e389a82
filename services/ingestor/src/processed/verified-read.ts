import { createHash } from 'node:crypto';
import { DataSetFormatError } from '@landfall/contracts/dataset/csv-reader';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';

/** What an object has to be. */
export interface ExpectedObject {
  key: string;
  /** Bytes; undefined where only the checksum is known. */
  size?: number;
  rows?: number;
  /** Hex; undefined for what an earlier version published. */
  sha256: string | undefined;
}

/** An object of the processed bucket is not there, cannot be read, or is not what it should be. */
export class UnverifiedError extends Error {
  override name = 'UnverifiedError';
}

/**
 * Reads an object and checks its size, checksum and rows against what they should be. What `onBatch` did is to be undone
 * when it fails: the check comes last.
 *
 * @param parse makes batches of rows of the bytes
 * @throws UnverifiedError when the object is not there, unreadable, or another than expected
 * @throws StoreError when the store cannot be reached
 */
export async function readVerified<Row>(
  store: ObjectStore,
  bucket: string,
  expected: ExpectedObject,
  parse: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<readonly Row[]>,
  onBatch: (rows: readonly Row[]) => void,
): Promise<void> {
  const { key, size, rows, sha256 } = expected;
  const hash = createHash('sha256');
  const seen = { bytes: 0, rows: 0 };
  for await (const batch of translated(key, parse(hashed(await opened(store, bucket, key))))) {
    seen.rows += batch.length;
    onBatch(batch);
  }
  if (size !== undefined && seen.bytes !== size) unverified(key, `${seen.bytes} bytes instead of ${size}`);
  if (rows !== undefined && seen.rows !== rows) unverified(key, `${seen.rows} rows instead of ${rows}`);
  if (sha256 !== undefined && hash.digest('hex') !== sha256) unverified(key, 'another SHA-256');

  async function* hashed(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of body) {
      seen.bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  }
}

/** Whether an object is there with this checksum. */
export async function hasSha256(
  store: ObjectStore,
  bucket: string,
  key: string,
  sha256: string,
): Promise<boolean> {
  try {
    await readVerified(store, bucket, { key, sha256 }, bytesOf, () => undefined);
    return true;
  } catch (error) {
    if (error instanceof UnverifiedError) return false;
    throw error;
  }
}

async function* bytesOf(bytes: AsyncIterable<Uint8Array>): AsyncIterable<readonly never[]> {
  for await (const _chunk of bytes) yield [];
}

async function opened(store: ObjectStore, bucket: string, key: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    return (await store.open(bucket, key)).body;
  } catch (error) {
    if (error instanceof StoreError && UNREADABLE.has(error.code)) unverified(key, error.message, error);
    throw error;
  }
}

const UNREADABLE: ReadonlySet<string> = new Set([
  'not_found',
  'invalid_key',
  'access_denied',
  'unreadable',
  'outside_bucket',
]);

/** What cannot be parsed is not what was published. Errors of the store stay as they are. */
async function* translated<Row>(key: string, batches: AsyncIterable<Row>): AsyncIterable<Row> {
  try {
    yield* batches;
  } catch (error) {
    if (error instanceof DataSetFormatError) unverified(key, error.message, error);
    throw error;
  }
}

function unverified(key: string, why: string, cause?: unknown): never {
  throw new UnverifiedError(`${key}: ${why}`, { cause });
}
