import type { IncomingMessage } from 'node:http';
import { ApiError } from '../../errors/api-error.ts';
import type { Request } from '../fastify-scope.ts';
import type { LimitHits } from '../limits/limit-hits.ts';

/**
 * Discards the body of a request as it arrives.
 *
 * @param max bytes. A longer body is an error when `Content-Length` says so; otherwise the connection is closed
 */
export function discardBody(
  request: Request,
  body: IncomingMessage,
  max: number,
  hits: LimitHits,
  done: (error: Error | null) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > max) {
    hits.hit('body_size');
    done(new ApiError('body_too_large', `The body is longer than ${max} bytes.`));
    return;
  }
  let length = 0;
  body.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= max || body.socket.destroyed) return;
    hits.hit('body_size');
    body.socket.destroy();
  });
  done(null);
}
