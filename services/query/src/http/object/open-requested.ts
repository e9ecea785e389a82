import type { IncomingHttpHeaders } from 'node:http';
import { type ObjectStore, type ObjectVersion, StoreError } from '@landfall/object-store/object-store';
import { ApiError } from '../../errors/api-error.ts';
import { matchingEtag } from '../response/etag.ts';
import { parseRange, type RequestedRange, selectBytes } from './byte-range.ts';
import { headObject, type ObjectName, type OpenObject, openObject } from './open-object.ts';

/** The ETag of an object as a header, strong. */
export const etagOf = ({ etag }: ObjectVersion): string => `"${etag}"`;

interface ObjectRequest {
  method: string;
  headers: IncomingHttpHeaders;
}

/**
 * Opens what a request asks for: the metadata of an object for HEAD, its bytes, or the range in the header `Range`. Without a range,
 * this is one request to the store.
 *
 * @param ms timeout of each request to the store
 * @param signal aborts when the client disconnects
 * @throws ApiError range_not_satisfiable; StoreError
 * @see RFC 9110, 14.2
 */
export async function openRequested(
  store: ObjectStore,
  name: ObjectName,
  { method, headers }: ObjectRequest,
  ms: number,
  signal: AbortSignal,
): Promise<OpenObject> {
  if (method === 'HEAD') return await headObject(store, name, ms, signal);
  const range = parseRange(headers.range);
  const part = range && (await openRange(store, name, headers, range, ms, signal));
  return part ?? (await openObject(store, name, ms, signal));
}

/** @returns undefined when the request is one for all bytes */
async function openRange(
  store: ObjectStore,
  name: ObjectName,
  { 'if-range': ifRange, 'if-none-match': ifNoneMatch }: IncomingHttpHeaders,
  range: RequestedRange,
  ms: number,
  signal: AbortSignal,
): Promise<OpenObject | undefined> {
  // Answers have no `Last-Modified`, so that a date is never the validator of an answer.
  if (ifRange !== undefined && !String(ifRange).startsWith('"')) return undefined;
  const whole = await headObject(store, name, ms, signal);
  const etag = etagOf(whole);
  // `If-None-Match` comes first; the caller answers it.
  if (matchingEtag(ifNoneMatch, [etag]) !== undefined) return whole;
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  const selected = selectBytes(range, whole.size);
  if (selected === 'all') return undefined;
  if (selected === 'unsatisfiable') {
    const detail = `The file has ${whole.size} bytes, and the range has none of them.`;
    throw new ApiError('range_not_satisfiable', detail, { size: whole.size });
  }
  try {
    return await openObject(store, name, ms, signal, { etag: whole.etag, ...selected });
  } catch (error) {
    // Replaced in the meantime. All bytes of the new version are an answer as well.
    if (error instanceof StoreError && error.code === 'precondition_failed') return undefined;
    throw error;
  }
}
