import { createHash } from 'node:crypto';
import { DataSetFormatError } from '@landfall/contracts/text/csv-rows';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';

/** The expected properties of a published object. */
export interface ExpectedObject {
  key: string;
  /** Bytes; undefined if only the checksum is known. */
  size?: number;
  rows?: number;
  /** Hex; undefined for objects of early releases, whose manifests have no checksum. */
  sha256: string | undefined;
}

/** A published object is missing, cannot be read, or does not have the expected properties. */
export class UnverifiedError extends Error {
  override name = 'UnverifiedError';
}

/**
 * Reads an object and checks its size, checksum and row count. The check comes last: if it fails, the caller must undo the
 * effects of `onBatch`.
 *
 * @param parse parses the bytes to batches of rows
 * @throws UnverifiedError if the object is missing, unreadable, or has other properties
 * @throws StoreError if the store cannot be reached
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
  const actual = { bytes: 0, rows: 0 };
  for await (const batch of convertParseErrors(key, parse(hashing(await openBody(store, bucket, key))))) {
    actual.rows += batch.length;
    onBatch(batch);
  }
  if (size !== undefined && actual.bytes !== size)
    failVerification(key, `${actual.bytes} bytes instead of ${size}`);
  if (rows !== undefined && actual.rows !== rows)
    failVerification(key, `${actual.rows} rows instead of ${rows}`);
  if (sha256 !== undefined && hash.digest('hex') !== sha256) failVerification(key, 'different SHA-256');

  async function* hashing(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of body) {
      actual.bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  }
}

/** Whether an object exists and has this checksum. */
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

async function openBody(store: ObjectStore, bucket: string, key: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    return (await store.open(bucket, key)).body;
  } catch (error) {
    if (error instanceof StoreError && UNREADABLE.has(error.code))
      failVerification(key, error.message, error);
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

/** Converts parse errors to UnverifiedError. Errors of the store pass through. */
async function* convertParseErrors<Row>(key: string, batches: AsyncIterable<Row>): AsyncIterable<Row> {
  try {
    yield* batches;
  } catch (error) {
    if (error instanceof DataSetFormatError) failVerification(key, error.message, error);
    throw error;
  }
}

function failVerification(key: string, why: string, cause?: unknown): never {
  throw new UnverifiedError(`${key}: ${why}`, { cause });
}
