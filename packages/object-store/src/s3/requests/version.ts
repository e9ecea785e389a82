import { randomUUID } from 'node:crypto';
import { type ObjectHead, type ObjectVersion, StoreError, type VersionRange } from '../../object-store.ts';

/** Resolution of Last-Modified, ms. */
const RESOLUTION_MS = 1_000;
/** Maximum difference between the clocks of the server and its disk, ms. */
const CLOCK_TOLERANCE_MS = 1_000;

export type S3Headers = Record<string, string | string[] | undefined>;

/** Headers and duration of an answer. */
export interface AnswerTime {
  headers: S3Headers;
  /** From the request to the answer's headers, ms. */
  elapsed: number;
}

/**
 * Returns the ETag of an object: the server's, or one made from the modification time.
 *
 * Two versions written in the same second have the same time. A time is final only if that second had passed, by the
 * server's clock, when the request was sent. Until then each answer gets a unique ETag, so the next listing reads the
 * object again. An object whose modification time is set back looks unchanged.
 *
 * @param etag as the server sent it; may be empty
 * @param modified ms since 1970 UTC; NaN when unknown
 */
export function etagFrom(etag: string, modified: number, answer: AnswerTime): string {
  const own = (etag.startsWith('W/') ? etag.slice(2) : etag).replaceAll('"', '');
  if (own !== '') return own;
  if (Number.isNaN(modified)) return `unknown-${randomUUID()}`;
  const second = Math.floor(modified / RESOLUTION_MS) * RESOLUTION_MS;
  const time = isoSeconds(second);
  const requestedAt = Date.parse(headerValue(answer.headers.date)) - answer.elapsed;
  const isFinal = requestedAt >= second + RESOLUTION_MS + CLOCK_TOLERANCE_MS;
  return isFinal ? `modified-${time}` : `modified-${time}-${randomUUID()}`;
}

/**
 * Returns the version from the headers of a HEAD or GET.
 *
 * @throws StoreError unavailable when a required header is missing
 */
export function versionOf(answer: AnswerTime, what: string): ObjectVersion {
  const { headers } = answer;
  const length = headerValue(headers['content-length']);
  if (!isByteCount(length)) throw new StoreError('unavailable', `${what}: the answer has no Content-Length`);
  const etag = headerValue(headers.etag);
  const modified = Date.parse(headerValue(headers['last-modified']));
  if (etag === '' && Number.isNaN(modified))
    throw new StoreError('unavailable', `${what}: the answer has neither ETag nor Last-Modified`);
  return { size: Number(length), etag: etagFrom(etag, modified, answer) };
}

/**
 * Returns the metadata from the headers of a HEAD or GET.
 *
 * @throws as `versionOf`
 */
export function headOf(answer: AnswerTime, what: string): ObjectHead {
  const modified = Date.parse(headerValue(answer.headers['last-modified']));
  return { ...versionOf(answer, what), ...(!Number.isNaN(modified) && { modified }) };
}

/**
 * Returns the version from the headers of a GET with a range. `size` is that of the whole object.
 *
 * @throws StoreError unavailable when a required header is missing, or the answer has other bytes than requested
 */
export function versionOfRange(
  answer: AnswerTime,
  what: string,
  { first, last }: VersionRange,
): ObjectVersion {
  const { size: length, etag } = versionOf(answer, what);
  const content = headerValue(answer.headers['content-range']);
  const [, from, to, size = ''] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(content) ?? [];
  if (Number(from) === first && Number(to) === last && length === last - first + 1 && isByteCount(size))
    return { size: Number(size), etag };
  throw new StoreError('unavailable', `${what}: the answer has other bytes than the requested range`);
}

/** Whether a text is a byte count below 10^15. */
export const isByteCount = (text: string): boolean => /^\d{1,15}$/.test(text);

const isoSeconds = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().slice(0, 19);
};

/** Returns the value of a header; empty when it is missing or repeated. */
export const headerValue = (value: string | string[] | undefined): string =>
  typeof value === 'string' ? value : '';

/** Whether an ETag is the server's own, not made from a time. */
export const isServerEtag = (etag: string): boolean => !/^(?:modified|unknown)-/.test(etag);
