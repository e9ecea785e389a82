import { randomUUID } from 'node:crypto';
import { type ObjectStore, type PutCondition, StoreError } from '../object-store.ts';
import { type S3Purpose, S3Refusal } from './requests/errors.ts';
import { isServerEtag } from './requests/version.ts';

/** The dot keeps it from being a record. */
const PROBE_PREFIX = '.landfall-probe-';
/** An ETag that matches no object. */
const WRONG_ETAG = '00000000000000000000000000000000';

/**
 * Returns the headers of a conditional put (RFC 9110, section 13.1).
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function conditionHeaders(condition: PutCondition | undefined): {
  purpose: S3Purpose;
  headers?: Record<string, string>;
} {
  if (condition === undefined) return { purpose: 'write' };
  if ('absent' in condition) return { purpose: 'write-if-absent', headers: { 'if-none-match': '*' } };
  // The server does not know an ETag that we made from a time, and would always refuse the put.
  if (!isServerEtag(condition.etag)) return { purpose: 'write' };
  return { purpose: 'write-if-match', headers: { 'if-match': `"${condition.etag}"` } };
}

/**
 * Checks with a probe object whether a store supports conditional puts, and removes it.
 *
 * @returns false also when the store has no ETags or answers 501 to conditions
 * @throws StoreError other errors of the store: the result is unknown
 */
export async function probeConditions(
  store: Pick<ObjectStore, 'put' | 'head' | 'remove'>,
  bucket: string,
): Promise<boolean> {
  const key = `${PROBE_PREFIX}${randomUUID()}`;
  const isDone = async (condition: PutCondition, text: string): Promise<boolean> => {
    try {
      await store.put(bucket, key, Buffer.from(text), condition);
      return true;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'precondition_failed') return false;
      throw error;
    }
  };
  try {
    // A first put that was sent twice fails because of itself. Only the object's existence counts.
    await isDone({ absent: true }, 'first');
    const written = await store.head(bucket, key);
    if (!written || !isServerEtag(written.etag)) return false;
    if (await isDone({ absent: true }, 'second')) return false;
    if (await isDone({ etag: WRONG_ETAG }, 'third')) return false;
    if (await isDone({ etag: written.etag }, 'fourth')) return true;
    // Refused despite the right ETag, or sent twice.
    const now = await store.head(bucket, key);
    return now !== undefined && now.etag !== written.etag;
  } catch (error) {
    if (error instanceof StoreError && error.cause instanceof S3Refusal && error.cause.status === 501)
      return false;
    throw error;
  } finally {
    // The result is valid even if the probe object stays.
    await store.remove(bucket, key).catch(() => undefined);
  }
}
