import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { Reply, Request } from '../fastify-scope.ts';
import { matchingEtag } from './etag.ts';
import { setGenerationHeaders } from './generation-headers.ts';

/** Value of `Vary` for responses that exist in several formats and content codings. */
export const VARY = 'accept, accept-encoding';

/**
 * Sends 304 without a body when the client already has the response. That needs no SQL.
 *
 * @param etags of all content codings of the response
 * @returns whether the 304 was sent; then the request is done
 * @see RFC 9110, 13.1.2
 */
export function replyNotModified(
  request: Request,
  reply: Reply,
  manifest: Manifest,
  etags: readonly string[],
): boolean {
  const etag = matchingEtag(request.headers['if-none-match'], etags);
  if (etag === undefined) return false;
  if (etags.length > 1) reply.header('vary', VARY);
  setGenerationHeaders(reply, manifest, etag).code(304).send();
  return true;
}
