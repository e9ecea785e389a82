import type { IncomingMessage } from 'node:http';
import { ApiError } from '../../errors/api-error.ts';
import type { Request } from '../fastify-scope.ts';

/**
 * Throws the body of a request away as it arrives.
 *
 * @param max bytes; a body that is longer is an error where its length is announced, else its connection is closed
 */
export function discardBody(
  request: Request,
  body: IncomingMessage,
  max: number,
  done: (error: Error | null) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > max) {
    done(new ApiError('body_too_large', `The body is longer than ${max} bytes.`));
    return;
  }
  let length = 0;
  body.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > max) body.socket.destroy();
  });
  done(null);
}
