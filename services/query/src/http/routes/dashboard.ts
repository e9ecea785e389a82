import { Type } from 'typebox';
import { type Asset, contentSecurityPolicy, readAssets } from '../dashboard-assets.ts';
import type { Reply, Request, Scope } from '../fastify-scope.ts';
import { matchingEtag } from '../response/etag.ts';
import { problemResponses, streamedResponse } from '../response/openapi.ts';

/** The page for people, and the files that it consists of. */
export function dashboardRoutes(app: Scope): void {
  for (const asset of readAssets()) {
    const isPage = asset.path === '/';
    const policy = isPage ? contentSecurityPolicy(asset.identity.body) : "default-src 'none'";
    const described = {
      summary: 'The dashboard: a page for people',
      description: 'Its own address may have the filters and `sort` of `/data`.',
      tags: ['dashboard'],
      response: {
        200: streamedResponse('The page', { 'text/html': Type.String() }),
        ...problemResponses(400),
      },
    };
    const schema = isPage ? described : { hide: true };
    app.get(asset.path, { schema }, (request, reply) => {
      reply.header('content-security-policy', policy);
      reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
      return send(request, reply, asset);
    });
  }
}

/** A browser asks each time whether a file is still good: an upgrade is seen by the next one who looks. */
function send(request: Request, reply: Reply, asset: Asset): Reply {
  reply.header('cache-control', 'no-cache').header('vary', 'accept-encoding');
  const atHand = matchingEtag(request.headers['if-none-match'], [asset.identity.tag, asset.gzip.tag]);
  if (atHand !== undefined) return reply.header('etag', atHand).code(304).send();
  const packs = request.encodings(['gzip', 'identity']) === 'gzip';
  const { body, tag } = packs ? asset.gzip : asset.identity;
  if (packs) reply.header('content-encoding', 'gzip');
  return reply.header('etag', tag).type(asset.type).send(body);
}
