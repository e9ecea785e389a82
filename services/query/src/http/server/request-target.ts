import type { IncomingMessage } from 'node:http';
import { ApiError } from '../../errors/api-error.ts';

const SLASH = 47;
const ABSOLUTE = /^https?:\/\/[^/?#]*/i;

/**
 * Checks and normalizes the target of a request before it is routed: the absolute form becomes a path (RFC 9112, 3.2.2), and
 * `/data/` is `/data`. `OPTIONS *` stays as it is.
 *
 * @throws ApiError bad_request when the target is not a path
 */
export function normalizeTarget(request: IncomingMessage): void {
  let { url = '' } = request;
  if (url.charCodeAt(0) !== SLASH) {
    if (url === '*' && request.method === 'OPTIONS') return;
    if (!ABSOLUTE.test(url)) throw new ApiError('bad_request', 'The target of the request is not a path.');
    url = url.replace(ABSOLUTE, '');
    if (url.charCodeAt(0) !== SLASH) url = `/${url}`;
    request.url = url;
  }
  const query = url.indexOf('?');
  const end = query === -1 ? url.length : query;
  let path = end;
  while (path > 1 && url.charCodeAt(path - 1) === SLASH) path--;
  if (path < end) request.url = url.slice(0, path) + url.slice(end);
}
