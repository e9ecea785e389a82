import { Readable } from 'node:stream';
import { StoreError, type StoreErrorCode } from '@landfall/object-store/object-store';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { cut } from '../../errors/truncate.ts';
import type { AppDeps } from '../context.ts';
import type { Reply, Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { clientGone } from '../response/client-gone.ts';
import {
  notModified,
  problems,
  streamed,
  UserParams,
  userIdIn,
  userNotFound,
} from '../response/conditional.ts';
import { tagAtHand } from '../response/etag.ts';
import { headObject, type ObjectName, type OpenObject, openObject } from '../response/open-object.ts';
import { sendObject } from '../response/send-object.ts';

const CONTENT_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
};

/** A user's picture, straight from the source bucket, with the object's own ETag. */
export function imageRoutes(app: Scope, deps: AppDeps): void {
  const { dataSet, store, limits, log } = deps;
  const schema = {
    summary: 'The picture of a user',
    tags: ['data'],
    params: UserParams,
    querystring: NoQuery,
    produces: Object.values(CONTENT_TYPES),
    response: {
      200: streamed('The picture', { 'image/*': Type.String({ format: 'binary' }) }),
      ...notModified,
      ...problems(400, 404, 503, 504),
    },
  };
  app.get('/data/:user_id/image', { schema }, async (request, reply) => {
    const image = await imageOf(userIdIn(request.params));
    const isHead = request.method === 'HEAD';
    const object = await openImage(reply, image, isHead);
    const tag = `"${object.etag}"`;
    reply.header('etag', tag).header('cache-control', 'no-cache');
    if (tagAtHand(request.headers['if-none-match'], [tag]) !== undefined) {
      object.close();
      return reply.code(304).send();
    }
    // A file of somebody else's: whatever is in it, a browser is to show it as a picture or not at all.
    reply.header('x-content-type-options', 'nosniff').header('content-security-policy', "default-src 'none'");
    reply.header('content-length', object.size);
    const extension = image.key.slice(image.key.lastIndexOf('.') + 1).toLowerCase();
    reply.type(CONTENT_TYPES[extension] ?? 'application/octet-stream');
    if (isHead) return reply.send(Readable.from([]));
    reply.hijack();
    sendObject(reply, object, limits.storeWithinMs).catch((err) =>
      log.warn({ why: cut(String(err), MAX_WHY) }, 'an image broke off'),
    );
    return reply;
  });

  /** @throws ApiError user_not_found, image_not_found */
  async function imageOf(userId: string): Promise<ObjectName> {
    const user = await dataSet.generations.read(undefined, async (at) => dataSet.user(at, userId));
    if (!user) throw userNotFound(userId);
    const { img_path: path } = user;
    if (path === null) throw new ApiError('image_not_found', 'This user has no image.');
    const slash = path.indexOf('/');
    return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  }

  /** @throws ApiError image_not_found, image_unreadable; StoreError */
  async function openImage(reply: Reply, image: ObjectName, isHead: boolean): Promise<OpenObject> {
    try {
      const open = isHead ? headObject : openObject;
      return await open(store, image, limits.storeWithinMs, clientGone(reply));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'not_found') throw new ApiError('image_not_found', GONE, {}, { cause: error });
      if (!OF_THIS_IMAGE.has(error.code)) throw error;
      throw new ApiError(
        'image_unreadable',
        'The object store does not let it be read.',
        {},
        { cause: error },
      );
    }
  }
}

const GONE = 'The image was there when the data set was made, and is gone.';
/** What concerns this image alone: others can be read, and later is no better. */
const OF_THIS_IMAGE: ReadonlySet<StoreErrorCode> = new Set([
  'access_denied',
  'unreadable',
  'outside_bucket',
  'invalid_key',
]);
/** How much of the reason a log line shows, characters. */
const MAX_WHY = 200;
