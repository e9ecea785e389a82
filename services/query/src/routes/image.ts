import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import { Type } from 'typebox';
import { ApiError } from '../api-error.ts';
import type { AppDeps } from '../app.ts';
import { tagAtHand } from '../etag.ts';
import { NoQuery } from '../query-string.ts';
import { notModified, problems, streamed, UserParams } from './answer.ts';
import type { Scope } from './scope.ts';

const CONTENT_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
};

/** A user's picture, straight from the source bucket, with the object's own ETag. */
export function imageRoutes(app: Scope, { dataSet, store }: AppDeps): void {
  const schema = {
    summary: 'The picture of a user',
    tags: ['data'],
    params: UserParams,
    querystring: NoQuery,
    produces: Object.values(CONTENT_TYPES),
    response: {
      200: streamed('The picture', { 'image/*': Type.String({ format: 'binary' }) }),
      ...notModified,
      ...problems(400, 404, 503),
    },
  };
  app.get('/data/:user_id/image', { schema }, async (request, reply) => {
    const { user_id: userId } = request.params;
    const user = await dataSet.generations.read(undefined, async (at) => dataSet.user(at, userId));
    if (!user) throw new ApiError('user_not_found', `There is no user ${JSON.stringify(userId)}.`);
    if (user.img_path === null) throw new ApiError('image_not_found', `User ${userId} has no image.`);
    const image = await openImage(store, user.img_path);
    const tag = `"${image.etag}"`;
    reply.header('etag', tag).header('cache-control', 'no-cache');
    if (tagAtHand(request.headers['if-none-match'], [tag]) !== undefined) {
      image.body.destroy();
      return reply.code(304).send();
    }
    // A file of somebody else's: whatever is in it, a browser is to show it as a picture or not at all.
    reply.header('x-content-type-options', 'nosniff').header('content-security-policy', "default-src 'none'");
    reply.header('content-length', image.size);
    const extension = user.img_path.slice(user.img_path.lastIndexOf('.') + 1).toLowerCase();
    return reply.type(CONTENT_TYPES[extension] ?? 'application/octet-stream').send(image.body);
  });
}

/** @param path `<bucket>/<key>` */
async function openImage(store: ObjectStore, path: string) {
  const slash = path.indexOf('/');
  try {
    return await store.open(path.slice(0, slash), path.slice(slash + 1));
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'not_found') throw error;
    throw new ApiError('image_not_found', 'The image was there when the data set was made, and is gone.');
  }
}
