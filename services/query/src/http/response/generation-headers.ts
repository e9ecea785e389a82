import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { Reply } from '../fastify-scope.ts';
import { cacheControl } from './cache-control.ts';

/** Response header: the generation that the response was made from. */
export const GENERATION_HEADER = 'landfall-generation';

/**
 * Sets the headers `Landfall-Generation`, `ETag` and `Cache-Control`. A cache may store the response and revalidates it
 * before every use.
 *
 * @param etag strong, in quotes
 * @see RFC 9111, 5.2.2.4 for `no-cache`
 */
export function setGenerationHeaders(reply: Reply, manifest: Manifest, etag: string): Reply {
  return reply
    .header(GENERATION_HEADER, manifest.generation)
    .header('cache-control', cacheControl(reply))
    .header('etag', etag);
}
