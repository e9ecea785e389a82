import type { Socket } from 'node:net';
import { ApiError } from '../../errors/api-error.ts';
import { connectionOf } from './connection.ts';
import { rawProblem } from './write-problem.ts';

/** How long a client may take to read why its request was refused, ms. What it still sends is thrown away. */
const LINGER_MS = 1_000;

const answered = new WeakSet<Socket>();

/**
 * Answers what Node could not read as a request, instead of Node's own answers without a body.
 *
 * @see https://nodejs.org/api/http.html#event-clienterror
 */
export function replyToClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // Reading on calls this again for the rest of what the client sends.
  if (answered.has(socket)) return;
  // The rest of a request is late because the socket is not read while earlier ones are answered.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.isPaused()) return;
  // An answer to a request that is at work would be confused with this one.
  if (connectionOf(socket).atWork > 0 || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  answered.add(socket);
  socket.end(rawProblem(problemDetails(error.code)));
  // Closed at once, with bytes that were not read, the answer could be lost on its way (RFC 9112, 9.6).
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
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
