import type { Socket } from 'node:net';
import { ApiError } from '../../errors/api-error.ts';
import type { LimitHits, LimitName } from '../limits/limit-hits.ts';
import { connectionOf } from './connection.ts';
import { rawProblem } from './write-problem.ts';

/** How long the client has to read the response, ms. What it sends meanwhile is discarded. */
const LINGER_MS = 1_000;

const replied = new WeakSet<Socket>();

/**
 * Replies with a problem to bytes that Node cannot parse as a request. Node itself would reply without a body.
 *
 * @param counts of responses, by status
 * @see https://nodejs.org/api/http.html#event-clienterror
 */
export function replyToClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  hits: LimitHits,
  counts: number[],
): void {
  // Node calls this again for the remaining bytes of the client.
  if (replied.has(socket)) return;
  // The request is late because this socket is paused while earlier requests are handled.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.isPaused()) return;
  const limit = limitOf(error.code, connectionOf(socket).active > 0);
  if (limit) hits.hit(limit);
  // The client would take this for the response to an earlier request.
  if (connectionOf(socket).active > 0 || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  replied.add(socket);
  socket.end(rawProblem(problemDetails(error.code), counts));
  // After an immediate close with unread bytes, the client might not receive the response (RFC 9112, 9.6).
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}

/** @param isBegun whether the request is being handled: then its headers have arrived */
function limitOf(code: string | undefined, isBegun: boolean): LimitName | undefined {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'header_size';
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'body_size';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return isBegun ? 'request_time' : 'header_time';
    default:
      return undefined;
  }
}

function problemDetails(code: string | undefined): ApiError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('headers_too_large', 'The request line and headers are too long.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new ApiError('body_too_large', 'The chunk extensions of the body are too long.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('request_timeout', 'The request did not arrive in time.');
    case 'HPE_INVALID_URL':
      return new ApiError(
        'bad_request',
        'The address has characters that must be percent-encoded: é is %C3%A9. With curl, use --get --data-urlencode.',
      );
    default:
      return new ApiError('bad_request', 'This is not an HTTP/1.1 request.');
  }
}
