import type { Metrics } from '@landfall/metrics/registry';
import type { Scope } from '../http/fastify-scope.ts';
import { CLIENT_CLOSED_REQUEST } from '../http/origin/secure-response.ts';
import type { CacheHits } from '../http/response-cache/cache-hits.ts';

/** Bounds of requests, seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** The route of a request that fits none, so that addresses that clients make up are no labels. */
const NO_ROUTE = 'none';
/** Of a response; the most that were seen is 11. Node's default, from which it warns, is 10. */
const MAX_LISTENERS = 20;
/** Event streams last as long as their clients want. */
const EVENT_STREAM = '/events';
/** Methods that are labels; others are counted as `other`. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/**
 * Adds the metrics of requests.
 *
 * @param responses the number of responses, at the index of their status
 */
export function addHttpMetrics(metrics: Metrics, hits: CacheHits, responses: readonly number[]) {
  const duration = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of requests in seconds, from the request to the last byte of its answer, or until the client left (status 499: before an answer), without event streams, answers of the response cache and refusals in front of the routes',
    labels: ['method', 'route', 'status'],
    buckets: BUCKETS,
  });
  metrics.onScrape(
    'counter',
    {
      name: 'response_cache_hits_total',
      help: 'Requests that the response cache answered, within a millisecond',
      labels: ['method', 'route', 'status'],
    },
    () => hits.all(),
  );
  metrics.onScrape(
    'counter',
    {
      name: 'http_responses_total',
      help: 'All HTTP responses by status, also those of the response cache and refusals in front of the routes; 499: the client had left',
      labels: ['status'],
    },
    function* () {
      for (const [status, count] of responses.entries()) if (count) yield [{ status: String(status) }, count];
    },
  );

  return {
    /** Measures the requests that reach the routes. */
    measure(app: Scope): void {
      // Fastify's hook for responses is not called for those that a client did not wait for, which are the slowest.
      app.addHook('onRequest', (request, reply, done) => {
        reply.raw.setMaxListeners(MAX_LISTENERS).once('close', () => {
          const method = METHODS.has(request.method) ? request.method : 'other';
          const route = request.is404 ? NO_ROUTE : (request.routeOptions.url ?? NO_ROUTE);
          const status = reply.raw.headersSent ? reply.statusCode : CLIENT_CLOSED_REQUEST;
          if (route !== EVENT_STREAM) duration.observe({ method, route, status }, reply.elapsedTime / 1_000);
        });
        done();
      });
    },
  };
}
