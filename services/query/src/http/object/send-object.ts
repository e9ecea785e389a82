import type { Reply } from '../fastify-scope.ts';
import type { OpenObject } from './open-object.ts';

/**
 * Sends the bytes of an object at the client's pace, exactly as many as `Content-Length` says. With another number of bytes,
 * the client would misread the next response on the connection: the connection is closed instead.
 *
 * @param reply hijacked, with its status and headers
 * @param stalledMs how long the store may send nothing, ms
 * @throws Error when the connection was closed, unless the client closed it
 */
export async function sendObject(reply: Reply, object: OpenObject, stalledMs: number): Promise<void> {
  const { raw } = reply;
  const { body, length } = object;
  if (raw.closed || !body) return object.close();
  raw.statusCode = reply.statusCode;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  const closed = new Promise<void>((resolve) => raw.once('close', resolve));
  raw.once('close', object.close);
  let isStalled = false;
  let waitsForClient = false;
  const stall = setTimeout(() => {
    if (waitsForClient) return;
    isStalled = true;
    body.destroy();
  }, stalledMs);
  let left = length;
  try {
    for await (const chunk of body) {
      left -= chunk.length;
      if (left < 0) throw new Error(`an object has more than the ${length} bytes`);
      if (!raw.write(chunk)) {
        waitsForClient = true;
        await Promise.race([new Promise((resolve) => raw.once('drain', resolve)), closed]);
        waitsForClient = false;
      }
      stall.refresh();
    }
    if (left > 0) throw new Error(`an object lacks ${left} of ${length} bytes`);
    raw.end();
  } catch (error) {
    const isAborted = !raw.closed;
    // To destroy the response is not enough: a pipelined one that waits for earlier ones has no socket yet.
    raw.req.socket.destroy();
    if (isAborted)
      throw isStalled ? new Error(`the store sent nothing for ${stalledMs} ms`, { cause: error }) : error;
  } finally {
    clearTimeout(stall);
    object.close();
  }
}
