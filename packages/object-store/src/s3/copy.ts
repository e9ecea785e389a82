import { XMLParser } from 'fast-xml-parser';
import { StoreError } from '../object-store.ts';
import { errorOfAnswer, readError } from './requests/errors.ts';
import { readBytes } from './requests/read-body.ts';
import type { S3Requests } from './requests/requests.ts';
import { encodePath } from './requests/signature.ts';

/** Maximum size of a copy's answer, bytes. */
const MAX_RESULT_BYTES = 64 * 1024;

const parser = new XMLParser({ parseTagValue: false });

/**
 * Copies an object within a bucket, atomically.
 *
 * S3 may report an error in the body of a 200, since it answers before the copy ends. Such a copy is retried, as the S3
 * documentation requires.
 *
 * @param extraMs additional time for the server, ms
 * @throws StoreError not_found, bucket_not_found, invalid_key, access_denied, unavailable, timeout
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export async function copyObject(
  send: S3Requests['send'],
  bucket: string,
  from: string,
  to: string,
  extraMs: number,
): Promise<void> {
  if (from === '' || !from.isWellFormed()) throw new StoreError('invalid_key', `“${from}” is not a key`);
  const headers = { 'x-amz-copy-source': encodePath(bucket, from) };
  const name = `${bucket}/${from} to ${to}`;
  await send({ method: 'PUT', bucket, key: to, headers, purpose: 'write', extraMs }, async ({ body }) => {
    const text = Buffer.from(await readBytes(body, MAX_RESULT_BYTES)).toString();
    const { code } = readError(text);
    if (code !== undefined) throw errorOfAnswer(statusOf(code), text, name, 'write');
    if (!isCopyResult(text)) throw new Error('the answer does not say that the copy was made');
  });
}

/** Returns the status that belongs to an error code in the body of a 200. */
function statusOf(code: string): number {
  if (code === 'AccessDenied') return 403;
  return code === 'NoSuchKey' || code === 'NoSuchBucket' ? 404 : 500;
}

function isCopyResult(text: string): boolean {
  const parsed: { CopyObjectResult?: unknown } = parser.parse(text);
  return parsed.CopyObjectResult !== undefined && text.includes('</CopyObjectResult>');
}
