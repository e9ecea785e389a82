import { utcDay } from '@landfall/contracts/dataset/age';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { rowSchema } from '@landfall/contracts/dataset/row-schema';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import type { Reply, Request, Scope } from '../fastify-scope.ts';
import { encodeCursor } from '../request/cursor.ts';
import { nextPageLink } from '../request/pagination.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { etagsFor } from '../response/etag.ts';
import { FORMATS, frameStream, frameWhole, mediaType } from '../response/formats.ts';
import { freeBuffer } from '../response/free-buffer.ts';
import { notModifiedResponse, problemResponses, streamedResponse } from '../response/openapi.ts';
import { replyNotModified } from '../response/reply-not-modified.ts';
import { sendBuffer, sendStream } from '../response/send-body.ts';
import { waitForGeneration } from '../response/wait-for-generation.ts';
import { type DataRequest, dataQuerySchema, parseDataRequest } from './data-request.ts';

/** `GET /data`: the rows that match, whole or in pages. */
export function dataRoutes(app: Scope, context: ApiContext): void {
  const { dataSet, clock, definition, longResponses, pins, clientOf } = context;
  const { generations } = dataSet;
  const csvHeader = rowCodec(definition).header;

  app.get('/data', { schema: dataSchema(context) }, async (request, reply) => {
    const parsed = parseDataRequest(definition, request, request.query, clock());
    const { min_generation } = parsed.query;
    // Waiting does not help a request for a generation that is gone.
    if (min_generation !== undefined && namesKnownGeneration(parsed)) resolveGeneration(request, parsed);
    await waitForGeneration(context, min_generation, reply);
    return await generations.readAt(resolveGeneration(request, parsed) ?? 'newest', (at) =>
      respond(request, reply, at, parsed),
    );
  });

  /** Whether the request names a generation that is served now, or was. */
  function namesKnownGeneration({ query, cursor }: DataRequest): boolean {
    const named = cursor?.generation ?? query.generation;
    return named !== undefined && named <= (generations.current()?.generation ?? 0);
  }

  /**
   * @returns the generation that the request names; undefined for the newest
   * @throws ApiError generation_gone, generation_not_found
   */
  function resolveGeneration(request: Request, { query, cursor }: DataRequest): Manifest | undefined {
    if (!cursor) return query.generation === undefined ? undefined : generations.byNumber(query.generation);
    const pinned = generations.byCursor(cursor);
    pins.use(clientOf(request.raw), pinned, clock());
    return pinned;
  }

  async function respond(request: Request, reply: Reply, at: Manifest, parsed: DataRequest): Promise<Reply> {
    const { query, rowQuery, format, now } = parsed;
    const { filter } = rowQuery;
    const etags = etagsFor(at, { path: '/data', query, format, day: filter.dependsOnDay ? now : undefined });
    if (replyNotModified(request, reply, at, [etags.identity, etags.gzip])) return reply;

    const signal = disconnectSignal(reply);
    const page =
      query.limit === undefined ? undefined : await readPage(reply, at, parsed, query.limit, signal);
    if (query.count) {
      reply.header('x-total-count', await dataSet.count(at, filter, () => signal));
    }
    reply.type(FORMATS[format].type);
    if (page) return await sendBuffer(request, reply, at, etags, page);
    const rows = dataSet.rows(at, rowQuery, format, Number.POSITIVE_INFINITY, signal);
    const text = frameStream(pins.useWhileReading(clientOf(request.raw), at, clock, rows), format, csvHeader);
    return await sendStream(longResponses, request, reply, at, etags, text);
  }

  /** The body of one page. Sets the header `Link` when there is a next page. */
  async function readPage(
    reply: Reply,
    at: Manifest,
    { query, rowQuery, canonicalQuery, now, format }: DataRequest,
    limit: number,
    signal: AbortSignal,
  ): Promise<Buffer> {
    const texts: Buffer[] = [];
    for await (const { text, rows, next } of dataSet.rows(at, rowQuery, format, limit, signal)) {
      if (rows > 0) texts.push(text);
      if (next === undefined) continue;
      pins.use(clientOf(reply.request.raw), at, clock());
      const cursor = encodeCursor(at, utcDay(now), next, canonicalQuery);
      reply.header('link', nextPageLink('/data', query, cursor));
    }
    const body = frameWhole(texts, format, csvHeader);
    texts.forEach(freeBuffer);
    return body;
  }
}

function dataSchema({ definition }: ApiContext) {
  const { name, derived } = definition;
  const sameDay = derived.length > 0 ? ', and years are counted at the same day' : '';
  const row = rowSchema(definition);
  return {
    operationId: 'listRows',
    summary: `List ${name}`,
    description:
      'Filter, sort and page. The format is JSON, NDJSON or CSV, by `Accept` or `format`. With `limit`, the header ' +
      `\`Link\` has the address of the next page. All pages come from the same generation${sameDay}.`,
    tags: ['data'],
    querystring: dataQuerySchema(definition),
    response: {
      200: streamedResponse(`The ${name} that match`, {
        'application/json': Type.Array(row),
        [mediaType('ndjson')]: row,
        [mediaType('csv')]: Type.String(),
      }),
      ...notModifiedResponse,
      ...problemResponses(definition, 400, 404, 406, 410, 503),
    },
  };
}
