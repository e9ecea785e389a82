import { pipeline, Readable, type Writable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGzip, gzip } from 'node:zlib';
import { StoppedError } from '@landfall/concurrency/stoppable';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { truncate } from '../../errors/truncate.ts';
import type { Reply, Request } from '../fastify-scope.ts';
import type { LongResponses } from '../limits/long-responses.ts';
import type { Etags } from './etag.ts';
import { setGenerationHeaders } from './generation-headers.ts';
import { VARY } from './reply-not-modified.ts';
import { writeWithBackpressure } from './write-with-backpressure.ts';

/** A shorter body is sent whole, with its length; a longer one is streamed. Bytes. */
const STREAM_FROM = 64 * 1024;
/** Smaller bodies fit into one or two packets without compression. Bytes. */
const GZIP_FROM = 1024;
/** The lowest level reduces the text to a sixth. Higher levels take CPU time from other requests. */
const GZIP_OPTIONS = { level: constants.Z_BEST_SPEED };

/** Characters of an error or an address that a log line shows. */
const MAX_LOGGED = 200;

/** Sends a body that is in memory, compressed when the client accepts gzip and the body is large enough. */
export async function sendBuffer(
  request: Request,
  reply: Reply,
  at: Manifest,
  etags: Etags,
  body: Buffer,
): Promise<Reply> {
  const isGzip = body.length >= GZIP_FROM && acceptsGzip(request);
  setBodyHeaders(reply, at, etags, isGzip);
  return reply.send(isGzip ? await promisify(gzip)(body, GZIP_OPTIONS) : body);
}

/**
 * Sends a body that comes in chunks. A short one is sent whole, a long one at the client's pace.
 *
 * @param limits of streams and their compression
 * @param chunks no other code may use them. An error before the first chunk was sent becomes a problem; a later one breaks
 * the connection
 * @throws ApiError too_busy, too_many_requests when too many responses are streamed
 */
export async function sendStream(
  limits: Pick<LongResponses, 'beginStream' | 'beginCompression' | 'endCompression'>,
  request: Request,
  reply: Reply,
  at: Manifest,
  etags: Etags,
  chunks: AsyncGenerator<Buffer>,
): Promise<Reply> {
  const { start, isComplete } = await readStart(chunks);
  if (isComplete) return await sendBuffer(request, reply, at, etags, start);
  if (request.method === 'HEAD') {
    await chunks.return(undefined);
    setBodyHeaders(reply, at, etags, acceptsGzip(request));
    return reply.send(Readable.from([]));
  }
  try {
    limits.beginStream(reply.raw);
  } catch (error) {
    await chunks.return(undefined);
    throw error;
  }
  const isGzip = acceptsGzip(request) && limits.beginCompression();
  setBodyHeaders(reply, at, etags, isGzip);
  // Fastify would buffer more chunks than the client reads, and not report when one is written.
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  const out = isGzip ? gzipInto(reply.raw) : reply.raw;
  writeWithBackpressure(concatenate(start, chunks), out)
    .catch((error) => {
      // To destroy the response is not enough: a pipelined one that waits for earlier ones has no socket yet.
      request.raw.socket.destroy();
      if (error instanceof StoppedError) return;
      request.log.warn(
        { why: truncate(String(error), MAX_LOGGED), url: truncate(request.url, MAX_LOGGED) },
        'a response was aborted',
      );
    })
    .finally(() => isGzip && limits.endCompression());
  return reply;
}

/** A stream that compresses into `out`. When one of the two is closed, so is the other. */
function gzipInto(out: Writable): Writable {
  const compressor = createGzip(GZIP_OPTIONS);
  pipeline(compressor, out, () => undefined);
  return compressor;
}

const acceptsGzip = (request: Request): boolean => request.encodings(['gzip', 'identity']) === 'gzip';

function setBodyHeaders(reply: Reply, at: Manifest, etags: Etags, isGzip: boolean): void {
  setGenerationHeaders(reply, at, isGzip ? etags.gzip : etags.identity).header('vary', VARY);
  if (isGzip) reply.header('content-encoding', 'gzip');
}

/** Reads chunks until they are long enough to be streamed. */
async function readStart(chunks: AsyncGenerator<Buffer>): Promise<{ start: Buffer; isComplete: boolean }> {
  const read: Buffer[] = [];
  for (let size = 0; size < STREAM_FROM; ) {
    const { value, done } = await chunks.next();
    if (done) return { start: Buffer.concat(read), isComplete: true };
    read.push(value);
    size += value.length;
  }
  return { start: Buffer.concat(read), isComplete: false };
}

async function* concatenate(start: Buffer, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield start;
    for await (const chunk of chunks) if (chunk.length > 0) yield chunk;
  } finally {
    await chunks.return(undefined);
  }
}
