import { randomUUID } from 'node:crypto';
import { type ObjectVersion, StoreError } from '../../object-store.ts';

/** Times of modification have a resolution of seconds in headers. ms */
const RESOLUTION_MS = 1_000;
/** How much a server's clock may differ from that of the disk behind it. ms */
const CLOCK_TOLERANCE_MS = 1_000;

export type S3Headers = Record<string, string | string[] | undefined>;

/** When an answer was made. */
export interface AnswerTime {
  headers: S3Headers;
  /** From the request to the answer's headers, ms. */
  elapsed: number;
}

/**
 * The port's ETag of an object: the server's, or, where it has none, one made of the time of modification.
 *
 * Two versions that were written in the same second have the same time. So a version counts as final only when that
 * second had passed, by the server's own clock, before the request was sent. Until then every answer gets an ETag that
 * no other has, and the next listing has the object read again. An object whose time of modification is set back to
 * what it was cannot be told from an unchanged one.
 *
 * @param etag as the server wrote it; may be empty
 * @param modified ms since 1970 UTC; NaN when the server does not say
 */
export function etagFrom(etag: string, modified: number, answer: AnswerTime): string {
  const own = (etag.startsWith('W/') ? etag.slice(2) : etag).replaceAll('"', '');
  if (own !== '') return own;
  if (Number.isNaN(modified)) return `unknown-${randomUUID()}`;
  const second = Math.floor(modified / RESOLUTION_MS) * RESOLUTION_MS;
  const time = isoSeconds(second);
  const asked = Date.parse(one(answer.headers.date)) - answer.elapsed;
  const isFinal = asked >= second + RESOLUTION_MS + CLOCK_TOLERANCE_MS;
  return isFinal ? `modified-${time}` : `modified-${time}-${randomUUID()}`;
}

/**
 * The version that an answer to a HEAD or GET gives.
 *
 * @throws StoreError unavailable when the answer is none that an S3 server gives for an object
 */
export function versionOf(answer: AnswerTime, what: string): ObjectVersion {
  const { headers } = answer;
  const length = one(headers['content-length']);
  if (!isByteCount(length)) throw new StoreError('unavailable', `${what}: the answer has no Content-Length`);
  const etag = one(headers.etag);
  const modified = Date.parse(one(headers['last-modified']));
  if (etag === '' && Number.isNaN(modified))
    throw new StoreError('unavailable', `${what}: the answer has neither ETag nor Last-Modified`);
  return { size: Number(length), etag: etagFrom(etag, modified, answer) };
}

/** Whether a text is a count of bytes that a number holds exactly. */
export const isByteCount = (text: string): boolean => /^\d{1,15}$/.test(text);

const isoSeconds = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().slice(0, 19);
};

/** A header's value; of one that is there twice, none. */
export const one = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');

/** Whether an ETag of the port is the server's own, and not made of a time. */
export const isServerEtag = (etag: string): boolean => !/^(?:modified|unknown)-/.test(etag);
