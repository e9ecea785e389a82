import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { type Asset, contentSecurityPolicy, readAssets } from '../dashboard-assets.ts';
import type { Reply, Request, Scope } from '../fastify-scope.ts';
import { matchingEtag } from '../response/etag.ts';
import { problemResponses, streamedResponse } from '../response/openapi.ts';

/** `GET /` and `GET /assets/*`: the dashboard. The page draws itself from `GET /definition`. */
export function dashboardRoutes(app: Scope, { definition }: Pick<ApiContext, 'definition'>): void {
  for (const asset of readAssets()) {
    const isPage = asset.path === '/';
    const policy = isPage ? contentSecurityPolicy(asset.identity.body) : "default-src 'none'";
    const pageSchema = {
      operationId: 'openDashboard',
      summary: 'Open the dashboard',
      description:
        'A web page. Its address takes the filter parameters and `sort` of `/data`, and `histogram`.',
      tags: ['dashboard'],
      response: {
        200: streamedResponse('The page', { 'text/html': Type.String() }),
        ...problemResponses(definition, 400),
      },
    };
    const schema = isPage ? pageSchema : { hide: true };
    app.get(asset.path, { schema }, (request, reply) => {
      reply.header('content-security-policy', policy);
      return sendAsset(request, reply, asset);
    });
  }
}

function sendAsset(request: Request, reply: Reply, asset: Asset): Reply {
  // Browsers revalidate each file, so that they see an upgrade at once.
  reply.header('cache-control', 'no-cache').header('vary', 'accept-encoding');
  const matching = matchingEtag(request.headers['if-none-match'], [asset.identity.etag, asset.gzip.etag]);
  if (matching !== undefined) return reply.header('etag', matching).code(304).send();
  const isGzip = request.encodings(['gzip', 'identity']) === 'gzip';
  const { body, etag } = isGzip ? asset.gzip : asset.identity;
  if (isGzip) reply.header('content-encoding', 'gzip');
  return reply.header('etag', etag).type(asset.type).send(body);
}
