import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Attributes, Tracer } from '@landfall/tracing/span';
import { parseTraceContext } from '@landfall/tracing/trace-context';
import type { Scope } from '../fastify-scope.ts';
import { setSpan, spanOf } from './request-span.ts';

/** Also the response header that names the span of a request. */
export const TRACEPARENT_HEADER = 'traceparent';

/** Probes and scrapes arrive all the time, and nobody looks for them. */
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics']);
/** The methods of HTTP (RFC 9110, RFC 5789). A client can make up others. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);
/** Characters of an address that a span has. */
const MAX_TEXT = 1_000;

/**
 * Makes spans of requests, from here to the end of the response, and names each in the header `traceparent` of the response. The names of
 * attributes are those of the stable conventions of OpenTelemetry.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 * @param schemeOf `https` behind a trusted proxy with TLS
 * @returns `handler` itself, without tracing
 */
export function traceRequests(
  tracer: Tracer,
  schemeOf: (request: IncomingMessage) => string,
  handler: RequestListener,
): RequestListener {
  if (!tracer.isOn) return handler;
  return (request, response) => {
    const { url = '', headers } = request;
    const [path = '', ...query] = url.split('?');
    if (UNTRACED.has(path)) return handler(request, response);
    const parent = parseTraceContext(headers.traceparent, headers.tracestate);
    const span = tracer.start(methodOf(request), parent ? [parent] : [], {
      kind: 'server',
      attributes: {
        'http.request.method': METHODS.has(request.method ?? '') ? request.method : '_OTHER',
        'url.scheme': schemeOf(request),
        'url.path': path.slice(0, MAX_TEXT),
        'url.query': query.length > 0 ? query.join('?').slice(0, MAX_TEXT) : undefined,
      },
    });
    setSpan(request, span);
    if (span.context) response.setHeader(TRACEPARENT_HEADER, span.context.traceparent);
    response.on('close', endSpan);
    handler(request, response);
  };
}

/** Names the span of a request by its route. @param route a pattern; undefined: none fits */
export function setRoute(
  request: IncomingMessage,
  route: string | undefined,
  attributes: Attributes = {},
): void {
  if (route === undefined) return;
  const span = spanOf(request);
  span.rename(`${methodOf(request)} ${route}`);
  span.set({ 'http.route': route, ...attributes });
}

/** Names the spans of the requests that reach the routes. */
export function traceRoutes(tracer: Tracer, app: Scope): void {
  if (!tracer.isOn) return;
  app.addHook('onRequest', (request, _reply, done) => {
    setRoute(request.raw, request.is404 ? undefined : request.routeOptions.url);
    done();
  });
}

/** The name of a span until its route is known. */
const methodOf = ({ method = '' }: IncomingMessage): string => (METHODS.has(method) ? method : 'HTTP');

/** Called for every traced response, sent or not. */
function endSpan(this: ServerResponse): void {
  const span = spanOf(this.req);
  if (this.headersSent) {
    span.set({ 'http.response.status_code': this.statusCode });
    if (this.statusCode >= 500) span.fail(String(this.statusCode));
  }
  span.end();
}
