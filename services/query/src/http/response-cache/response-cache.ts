import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { utcDay } from '@landfall/contracts/dataset/age';
import type { Generations } from '../../dataset/generations.ts';
import type { DataAge } from '../../monitoring/data-age.ts';
import type { Reply, Request, Scope } from '../fastify-scope.ts';
import type { GenerationPins } from '../limits/generation-pins.ts';
import { freeBuffer } from '../response/free-buffer.ts';
import { DATA_AGE_HEADER, GENERATION_HEADER } from '../response/generation-headers.ts';
import { TRACEPARENT_HEADER } from '../tracing/trace-requests.ts';
import type { CacheHits } from './cache-hits.ts';
import type { ResponseBatcher } from './response-batcher.ts';
import {
  bodyOf,
  type CachedResponse,
  type FullResponse,
  headersOf,
  openTwoGenerationCache,
} from './two-generation-cache.ts';

/** The headers of a 200 that its 304 repeats. */
const NOT_MODIFIED_HEADERS = new Set(['vary', GENERATION_HEADER, 'cache-control', 'etag', DATA_AGE_HEADER]);

/** Headers that are not stored: the length is that of the body, the others are those of one response. */
const OF_ONE_RESPONSE = new Set(['content-length', DATA_AGE_HEADER, TRACEPARENT_HEADER]);

/** What a response depends on, beside the request. While both are the same, so is the response. */
interface Validity {
  /** The generations that can be read; a new array after each change. */
  generations: ReturnType<Generations['all']>;
  /** The UTC day. */
  day: number;
}

/** A request whose response may be stored: the key, and the validity when the request began. */
interface CacheableRequest extends IncomingMessage {
  [CACHE_KEY]?: { key: string; validity: Validity };
}
const CACHE_KEY = Symbol('cache key');

/** Stands for a missing header. No header has this value. */
const MISSING = '\r';

interface ResponseCacheDeps {
  dataSet: { generations: Pick<Generations, 'all'> };
  pins: Pick<GenerationPins, 'useCached'>;
  dataAge: Pick<DataAge, 'textOf'>;
  hits: CacheHits;
  /** Ms since 1970 UTC. */
  clock: () => number;
  cacheBytes: number;
  together: ResponseBatcher;
  /** Called with each request that it answers, and its route (see `CacheHits`). Undefined without tracing. */
  onHit?: ((request: IncomingMessage, route: number) => void) | undefined;
}

/**
 * In-process response cache in front of Fastify; routes do not know it. The key is URL, `Accept` and `Accept-Encoding`. Entries
 * are valid for one set of generations and one UTC day. It stores responses that are sent whole and have `Landfall-Generation`.
 */
export function openResponseCache(deps: ResponseCacheDeps) {
  const { dataSet, pins, dataAge, hits, clock, cacheBytes, together, onHit } = deps;
  const { generations } = dataSet;
  const cache = openTwoGenerationCache(cacheBytes);
  let latest: Validity = { generations: generations.all(), day: utcDay(clock()) };
  let isClosing = false;

  /** The current validity. Empties the cache after a change. */
  function currentValidity(now: number): Validity {
    const [all, day] = [generations.all(), utcDay(now)];
    if (all !== latest.generations || day !== latest.day) {
      latest = { generations: all, day };
      cache.clear();
    }
    return latest;
  }

  /** Sends the stored response, or a 304. @returns whether there was one */
  function serve(request: CacheableRequest, response: ServerResponse): boolean {
    if (isClosing || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
    const now = clock();
    const validity = currentValidity(now);
    const { accept, 'accept-encoding': coding, 'if-none-match': ifNoneMatch } = request.headers;
    const key = `${request.url}\n${accept ?? MISSING}\n${coding ?? MISSING}`;
    const answer = cache.get(key);
    const headers = answer ? headersOf(answer) : [];
    const isUnchanged = ifNoneMatch !== undefined && ifNoneMatch === headerOf(headers, 'etag');
    if (!answer || (ifNoneMatch !== undefined && !isUnchanged)) {
      if (request.method === 'GET') request[CACHE_KEY] = { key, validity };
      return false;
    }
    // Its place is the last: the age is that of now.
    headers[headers.length - 1] = dataAge.textOf(answer.generation, now);
    hits.count(answer.route, request.method === 'HEAD', isUnchanged);
    onHit?.(request, answer.route);
    if (answer.isPage) pins.useCached(answer, now);
    if (isUnchanged) together(() => response.writeHead(304, notModifiedHeaders(headers)).end());
    else sendStored(answer, response, (body) => response.writeHead(200, headers).end(body));
    return true;
  }

  /** Sends a stored response with the others of this tick. Its slab is not reused before it was sent. */
  function sendStored(answer: CachedResponse, response: ServerResponse, send: (body: Buffer) => void): void {
    const { slab } = answer;
    slab.pendingSends++;
    together(() => {
      send(bodyOf(answer));
      // What the socket has not taken is read later, at the client's pace.
      if (response.writableEnded && response.writableLength === 0) slab.pendingSends--;
      else response.once('close', () => slab.pendingSends--);
    });
  }

  return {
    /** Puts the cache in front of a listener. */
    wrapListener:
      (handler: RequestListener): RequestListener =>
      (request, response) => {
        if (!serve(request, response)) handler(request, response);
      },

    /** Stores responses when they are sent. Serves nothing any more once the server is closing. */
    storeOnSend(app: Scope): void {
      app.addHook('onSend', (request, reply, payload, done) => {
        // Node takes three times as long to send a string.
        const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
        const { [CACHE_KEY]: cacheable }: CacheableRequest = request.raw;
        // After a new generation or midnight, it is unknown which state this response was made from.
        if (cacheable && Buffer.isBuffer(body) && cacheable.validity === currentValidity(clock())) {
          const response = storable(request, reply, body, hits);
          const stored = response && cache.put(cacheable.key, response);
          if (stored) {
            freeBuffer(body);
            return sendStored(stored, reply.raw, (bytes) => done(null, bytes));
          }
        }
        together(() => done(null, body));
      });
      app.addHook('preClose', (done) => {
        isClosing = true;
        done();
      });
    },
  };
}

/** @returns undefined when the response must not be stored */
function storable(request: Request, reply: Reply, body: Buffer, hits: CacheHits): FullResponse | undefined {
  if (reply.statusCode !== 200) return undefined;
  const all = reply.getHeaders();
  const { [GENERATION_HEADER]: generation, etag } = all;
  if (generation === undefined || typeof etag !== 'string') return undefined;
  const headers = ['content-length', String(body.length)];
  for (const name in all) {
    if (OF_ONE_RESPONSE.has(name)) continue;
    headers.push(name, String(all[name]));
  }
  headers.push(DATA_AGE_HEADER, '');
  const route = hits.routeOf(request.routeOptions.url ?? '');
  const isPage = 'link' in all || request.url.includes('cursor=');
  return { generation: Number(generation), headers, body, isPage, route };
}

/** The value of a header. @param headers empty, or with this name in it */
const headerOf = (headers: readonly string[], name: string) => headers[headers.indexOf(name) + 1];
/** @param headers names and values alternately */
const notModifiedHeaders = (headers: readonly string[]): string[] =>
  headers.filter((_, i) => NOT_MODIFIED_HEADERS.has(headers[i - (i % 2)] ?? ''));
