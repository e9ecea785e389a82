import { Readable } from 'node:stream';
import type { Companion } from '@landfall/contracts/dataset/definition';
import { keyPatternOf } from '@landfall/contracts/definition/key-pattern';
import { StoreError, type StoreErrorCode } from '@landfall/object-store/object-store';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';
import type { ApiContext } from '../context.ts';
import type { Reply, Scope } from '../fastify-scope.ts';
import { mediaRange, mediaTypeOfExtension } from '../object/media-types.ts';
import { headObject, type ObjectName, type OpenObject, openObject } from '../object/open-object.ts';
import { sendObject } from '../object/send-object.ts';
import { NoQuery } from '../request/query-string.ts';
import { readRowId, rowNotFoundError, rowParams, rowPath } from '../request/row-id.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { matchingEtag } from '../response/etag.ts';
import { notModifiedResponse, problemResponses, streamedResponse } from '../response/openapi.ts';

/** Characters of the reason that a log line shows. */
const MAX_LOGGED_REASON = 200;

/** `GET /data/{id}/<companion>`: the files of a row, from the source bucket. */
export function companionRoutes(app: Scope, context: ApiContext): void {
  for (const companion of context.definition.companions) addCompanionRoute(app, context, companion);
}

function addCompanionRoute(app: Scope, context: ApiContext, companion: Companion): void {
  const { dataSet, definition, store, limits, log } = context;
  const { name, column } = companion;
  const { one } = definition;
  const mediaTypes = keyPatternOf(companion.files).extensions.map(mediaTypeOfExtension);
  const schema = {
    summary: `Get the ${name} of one ${one}`,
    tags: ['data'],
    params: rowParams(definition),
    querystring: NoQuery,
    produces: mediaTypes,
    response: {
      200: streamedResponse(`The ${name}`, { [mediaRange(mediaTypes)]: Type.String({ format: 'binary' }) }),
      ...notModifiedResponse,
      ...problemResponses(400, 404, 503, 504),
    },
  };
  app.get(`${rowPath(definition)}/${name}`, { schema }, async (request, reply) => {
    const file = await findFile(readRowId(definition, request.params));
    const isHead = request.method === 'HEAD';
    const object = await open(reply, file, isHead);
    const etag = `"${object.etag}"`;
    reply.header('etag', etag).header('cache-control', 'no-cache');
    if (matchingEtag(request.headers['if-none-match'], [etag]) !== undefined) {
      object.close();
      return reply.code(304).send();
    }
    // The content is untrusted: a browser must not run it.
    reply.header('x-content-type-options', 'nosniff').header('content-security-policy', "default-src 'none'");
    reply.header('content-length', object.size);
    reply.type(mediaTypeOfExtension(file.key.slice(file.key.lastIndexOf('.') + 1).toLowerCase()));
    if (isHead) return reply.send(Readable.from([]));
    reply.hijack();
    sendObject(reply, object, limits.storeTimeoutMs).catch((err) =>
      log.warn({ why: truncate(String(err), MAX_LOGGED_REASON) }, `sending the ${name} failed`),
    );
    return reply;
  });

  /** @throws ApiError user_not_found, image_not_found */
  async function findFile(id: string): Promise<ObjectName> {
    const row = await dataSet.generations.readAt('newest', async (at) => dataSet.row(at, id));
    if (row === undefined) throw rowNotFoundError(definition, id);
    const path = JSON.parse(row)[column];
    if (typeof path !== 'string') throw new ApiError('image_not_found', `This ${one} has no ${name}.`);
    const slash = path.indexOf('/');
    return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  }

  /** @throws ApiError image_not_found, image_unreadable; StoreError */
  async function open(reply: Reply, file: ObjectName, isHead: boolean): Promise<OpenObject> {
    try {
      return await (isHead ? headObject : openObject)(
        store,
        file,
        limits.storeTimeoutMs,
        disconnectSignal(reply),
      );
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const options = { cause: error };
      if (error.code === 'not_found') {
        const detail = `The ${name} was deleted from the object store after this generation was made.`;
        throw new ApiError('image_not_found', detail, {}, options);
      }
      if (!ONLY_THIS_FILE.has(error.code)) throw error;
      throw new ApiError('image_unreadable', `The object store refuses to read the ${name}.`, {}, options);
    }
  }
}

/** Errors that concern this file alone and that a retry does not clear. */
const ONLY_THIS_FILE: ReadonlySet<StoreErrorCode> = new Set([
  'access_denied',
  'unreadable',
  'outside_bucket',
  'invalid_key',
]);
