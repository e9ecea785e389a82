import type { IncomingMessage, ServerResponse } from 'node:http';

/** Headers of an answer that a page of a listed origin can read, besides those that it always can. */
const EXPOSED = [
  'etag',
  'link',
  'x-total-count',
  'landfall-generation',
  'landfall-data-age',
  'location',
  'retry-after',
  'preference-applied',
  'accept-ranges',
  'content-range',
  'traceparent',
].join(', ');
/** Headers that a page of a listed origin can send, besides those that it always can. */
const ALLOWED = [
  'authorization',
  'content-type',
  'if-none-match',
  'if-range',
  'last-event-id',
  'prefer',
  'range',
  'traceparent',
  'tracestate',
].join(', ');
/** How long a browser keeps the answer to a preflight, seconds. */
const MAX_AGE_S = 600;

/**
 * The headers that let pages of other origins read answers.
 *
 * @param origin a listed one; `undefined` for all others, which get no access
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export const corsHeaders = (origin: string | undefined): Record<string, string> =>
  origin === undefined
    ? { vary: 'origin' }
    : {
        vary: 'origin',
        'access-control-allow-origin': origin,
        // Each origin is listed by its name: it may send the cookie of the sign-in.
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': EXPOSED,
      };

/** Whether a request asks if a page of another origin may send one (a preflight). */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined;

/** Answers the preflight of a listed origin. */
export function replyToPreflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-allow-headers': ALLOWED,
      'access-control-max-age': String(MAX_AGE_S),
    })
    .end();
}
