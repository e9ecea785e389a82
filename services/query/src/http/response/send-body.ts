import { pipeline, Readable, type Writable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGzip, gzip } from 'node:zlib';
import { StoppedError } from '@landfall/concurrency/stoppable';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { truncate } from '../../errors/truncate.ts';
import type { Reply, Request } from '../fastify-scope.ts';
import type { Etags } from './etag.ts';
import { setGenerationHeaders } from './generation-headers.ts';
import { VARY } from './reply-not-modified.ts';
import { writeWithBackpressure } from './write-with-backpressure.ts';

/** An answer of less is sent whole, with its length; a longer one streams. Bytes. */
const WHOLE_BELOW = 64 * 1024;
/** Smaller answers fit into a packet or two as they are. Bytes. */
const GZIP_FROM = 1024;
/** Text shrinks to a sixth at the lowest level already, and others wait for the CPU. */
const GZIP = { level: constants.Z_BEST_SPEED };

/** How much a log line shows of an error or an address, characters. */
const MAX_WHY = 200;

/** Sends text that is there at once, gzipped where the client takes it and it pays. */
export async function sendBuffer(
  request: Request,
  reply: Reply,
  at: Manifest,
  tags: Etags,
  text: Buffer,
): Promise<Reply> {
  const packs = text.length >= GZIP_FROM && takesGzip(request);
  describe(reply, at, tags, packs);
  return reply.send(packs ? await promisify(gzip)(text, GZIP) : text);
}

/**
 * Sends text that comes in pieces; a long one goes out at the client's pace.
 *
 * @param texts the pieces, which nobody else needs any more; what fails before the first of them is sent is an error
 * like any other
 */
export async function sendStream(
  request: Request,
  reply: Reply,
  at: Manifest,
  tags: Etags,
  texts: AsyncGenerator<Buffer>,
): Promise<Reply> {
  const { start, isAll } = await gather(texts);
  if (isAll) return await sendBuffer(request, reply, at, tags, start);
  const packs = takesGzip(request);
  describe(reply, at, tags, packs);
  if (request.method === 'HEAD') {
    await texts.return(undefined);
    return reply.send(Readable.from([]));
  }
  // Fastify would take more pieces than can be sent, and not say when one is.
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  writeWithBackpressure(continued(start, texts), packs ? gzipInto(reply.raw) : reply.raw).catch((error) => {
    // The response alone would not do: one that waits for those before it has no socket yet.
    request.raw.socket.destroy();
    if (error instanceof StoppedError) return;
    request.log.warn(
      { why: truncate(String(error), MAX_WHY), url: truncate(request.url, MAX_WHY) },
      'an answer broke off',
    );
  });
  return reply;
}

/** What is written to it goes there; when one of the two is closed, so is the other. */
function gzipInto(out: Writable): Writable {
  const packing = createGzip(GZIP);
  pipeline(packing, out, () => undefined);
  return packing;
}

const takesGzip = (request: Request): boolean => request.encodings(['gzip', 'identity']) === 'gzip';

function describe(reply: Reply, at: Manifest, tags: Etags, packs: boolean): void {
  setGenerationHeaders(reply, at, packs ? tags.gzip : tags.identity).header('vary', VARY);
  if (packs) reply.header('content-encoding', 'gzip');
}

async function gather(texts: AsyncGenerator<Buffer>): Promise<{ start: Buffer; isAll: boolean }> {
  const pieces: Buffer[] = [];
  for (let size = 0; size < WHOLE_BELOW; ) {
    const { value, done } = await texts.next();
    if (done) return { start: Buffer.concat(pieces), isAll: true };
    pieces.push(value);
    size += value.length;
  }
  return { start: Buffer.concat(pieces), isAll: false };
}

async function* continued(start: Buffer, texts: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield start;
    for await (const text of texts) if (text.length > 0) yield text;
  } finally {
    await texts.return(undefined);
  }
}
