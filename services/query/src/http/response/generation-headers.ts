import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { Reply } from '../fastify-scope.ts';
import { cacheControl } from './cache-control.ts';

/** Response header: the generation that the response was made from. */
export const GENERATION_HEADER = 'landfall-generation';

/** Response header: the age of the data, whole seconds; see `openDataAge`. */
export const DATA_AGE_HEADER = 'landfall-data-age';

/**
 * Sets the headers `Landfall-Generation`, `Landfall-Data-Age`, `ETag` and `Cache-Control`. A cache may store the response and revalidates it
 * before every use.
 *
 * @param etag strong, in quotes
 * @see RFC 9111, 5.2.2.4 for `no-cache`
 */
export function setGenerationHeaders(reply: Reply, manifest: Manifest, etag: string): Reply {
  return reply
    .header(GENERATION_HEADER, manifest.generation)
    .header(DATA_AGE_HEADER, reply.server.dataAgeOf(manifest.generation))
    .header('cache-control', cacheControl(reply))
    .header('etag', etag);
}
