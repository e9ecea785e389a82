import { Readable } from 'node:stream';
import type { Companion } from '@landfall/contracts/dataset/definition';
import { keyPatternOf } from '@landfall/contracts/definition/key-pattern';
import { StoreError, type StoreErrorCode } from '@landfall/object-store/object-store';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { rowProblemCode } from '../../errors/row-problem-code.ts';
import { truncate } from '../../errors/truncate.ts';
import type { ApiContext } from '../context.ts';
import type { Reply, Request, Scope } from '../fastify-scope.ts';
import { contentPolicy, mediaRange, mediaTypeOfExtension } from '../object/media-types.ts';
import type { ObjectName, OpenObject } from '../object/open-object.ts';
import { etagOf, openRequested } from '../object/open-requested.ts';
import { sendObject } from '../object/send-object.ts';
import { NoQuery } from '../request/query-string.ts';
import { readRowId, rowNotFoundError, rowParams, rowPath } from '../request/row-id.ts';
import { cacheControl } from '../response/cache-control.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { matchingEtag } from '../response/etag.ts';
import { notModifiedResponse, problemResponses, streamedResponse } from '../response/openapi.ts';

/** Characters of the reason that a log line shows. */
const MAX_LOGGED_REASON = 200;
/** A longer file counts as a response that is streamed, bytes. */
const STREAM_FROM = 64 * 1024;

/** `GET /data/{id}/<companion>`: the files of a row, from the source bucket. */
export function companionRoutes(app: Scope, context: ApiContext): void {
  for (const companion of context.definition.companions) addCompanionRoute(app, context, companion);
}

function addCompanionRoute(app: Scope, context: ApiContext, companion: Companion): void {
  const { dataSet, definition, store, limits, longResponses, log } = context;
  const { name, column } = companion;
  const { one } = definition;
  const mediaTypes = keyPatternOf(companion.files).extensions.map(mediaTypeOfExtension);
  const content = { [mediaRange(mediaTypes)]: Type.String({ format: 'binary' }) };
  const schema = {
    operationId: `getFile_${name}`,
    summary: `Get the ${name} of one ${one}`,
    tags: ['data'],
    params: rowParams(definition),
    querystring: NoQuery,
    produces: mediaTypes,
    response: {
      200: streamedResponse(`The ${name}`, content),
      206: streamedResponse(`The bytes that the header \`Range\` names; one range, \`bytes=0-499\``, content),
      ...notModifiedResponse,
      ...problemResponses(definition, 400, 404, 416, 503, 504),
    },
  };
  app.get(`${rowPath(definition)}/${name}`, { schema }, async (request, reply) => {
    const file = await findFile(readRowId(definition, request.params));
    const object = await open(request, reply, file);
    const etag = etagOf(object);
    const mediaType = mediaTypeOfExtension(file.key.slice(file.key.lastIndexOf('.') + 1).toLowerCase());
    reply.header('etag', etag).header('cache-control', cacheControl(reply));
    // Of a 304, too: its headers replace those of the stored response (RFC 9111, 4.3.4).
    reply.header('content-security-policy', contentPolicy(mediaType));
    if (matchingEtag(request.headers['if-none-match'], [etag]) !== undefined) {
      object.close();
      reply.code(304);
      // Fastify would send `Content-Length: 0` for HEAD, which is not the length of the file (RFC 9110, 8.6).
      return request.method === 'HEAD' ? reply.send(Readable.from([])) : reply.send();
    }
    reply.header('content-length', object.length).header('accept-ranges', 'bytes').type(mediaType);
    if (object.range) {
      const { first, last } = object.range;
      reply.code(206).header('content-range', `bytes ${first}-${last}/${object.size}`);
    }
    if (request.method === 'HEAD') return reply.send(Readable.from([]));
    if (object.length > STREAM_FROM) beginStream(reply, object);
    reply.hijack();
    sendObject(reply, object, limits.storeTimeoutMs).catch((err) =>
      log.warn({ why: truncate(String(err), MAX_LOGGED_REASON) }, `sending the ${name} failed`),
    );
    return reply;
  });

  /** @throws ApiError too_busy, too_many_requests */
  function beginStream(reply: Reply, object: OpenObject): void {
    try {
      longResponses.beginStream(reply.raw);
    } catch (error) {
      object.close();
      throw error;
    }
  }

  /** @throws ApiError row_not_found, companion_not_found */
  async function findFile(id: string): Promise<ObjectName> {
    const row = await dataSet.generations.readAt('newest', async (at) => dataSet.row(at, id));
    if (row === undefined) throw rowNotFoundError(definition, id);
    const path = JSON.parse(row)[column];
    if (typeof path !== 'string') throw notFound(`This ${one} has no ${name}.`);
    const slash = path.indexOf('/');
    return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  }

  /** @throws ApiError companion_not_found, companion_unreadable, range_not_satisfiable; StoreError */
  async function open(request: Request, reply: Reply, file: ObjectName): Promise<OpenObject> {
    try {
      return await openRequested(store, file, request, limits.storeTimeoutMs, disconnectSignal(reply));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'not_found') {
        throw notFound(
          `The ${name} was deleted from the object store after this generation was made.`,
          error,
        );
      }
      if (!ONLY_THIS_FILE.has(error.code)) throw error;
      const code = rowProblemCode(definition, 'companion_unreadable');
      throw new ApiError(code, `The object store refuses to read the ${name}.`, {}, { cause: error });
    }
  }

  function notFound(detail: string, cause?: StoreError): ApiError {
    return new ApiError(rowProblemCode(definition, 'companion_not_found'), detail, {}, { cause });
  }
}

/** Errors that concern this file alone and that a retry does not clear. */
const ONLY_THIS_FILE: ReadonlySet<StoreErrorCode> = new Set([
  'access_denied',
  'unreadable',
  'outside_bucket',
  'invalid_key',
]);
