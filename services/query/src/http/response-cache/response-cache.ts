import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { utcDay } from '@landfall/contracts/dataset/age';
import type { Generations } from '../../dataset/generations.ts';
import type { Reply, Request, Scope } from '../fastify-scope.ts';
import { freeBuffer } from '../response/free-buffer.ts';
import { GENERATION_HEADER } from '../response/generation-headers.ts';
import type { ResponseBatcher } from './response-batcher.ts';
import {
  bodyOf,
  type CachedResponse,
  type FullResponse,
  headersOf,
  openTwoGenerationCache,
} from './two-generation-cache.ts';

/** What a 304 says of what a 200 says. */
const OF_NOT_MODIFIED = new Set(['vary', GENERATION_HEADER, 'cache-control', 'etag']);

/** What an answer was made from, beside the request: as long as both are the same, so is the answer. */
interface AsOf {
  /** The generations that can be read; another array once there are others. */
  kept: ReturnType<Generations['all']>;
  /** The UTC day. */
  day: number;
}

/** On a request that its route answers stands as of when it began. */
interface AskedRequest extends IncomingMessage {
  [ASKED]?: { key: string; asOf: AsOf };
}
const ASKED = Symbol('asked');

/** Stands for a header that was not sent; no header has this value. */
const MISSING = '\r';

/** What giving answers again needs. */
interface AgainDeps {
  dataSet: { generations: Pick<Generations, 'all' | 'markUsed'> };
  /** Ms since 1970 UTC. */
  clock: () => number;
  cacheBytes: number;
  together: ResponseBatcher;
}

/**
 * Gives an answer that has been given before once more, without a look at what it means: whoever asks in the same
 * words, for the same formats and codings, while the same generations can be read and on the same UTC day, gets the
 * same bytes. No route knows of it, and neither does Fastify: it stands in front. Only what is sent whole and says of
 * which generation it is, is kept.
 */
export function openResponseCache({ dataSet, clock, cacheBytes, together }: AgainDeps) {
  const { generations } = dataSet;
  const cache = openTwoGenerationCache(cacheBytes);
  let latest: AsOf = { kept: generations.all(), day: utcDay(clock()) };
  let isClosing = false;

  function asOf(now: number): AsOf {
    const [kept, day] = [generations.all(), utcDay(now)];
    if (kept !== latest.kept || day !== latest.day) {
      latest = { kept, day };
      cache.clear();
    }
    return latest;
  }

  /** @returns whether it is answered */
  function giveAgain(request: AskedRequest, response: ServerResponse): boolean {
    if (isClosing || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
    const now = clock();
    const began = asOf(now);
    const { accept, 'accept-encoding': coding, 'if-none-match': ifNoneMatch } = request.headers;
    const key = `${request.url}\n${accept ?? MISSING}\n${coding ?? MISSING}`;
    const answer = cache.get(key);
    const headers = answer ? headersOf(answer) : [];
    const isKnown = ifNoneMatch !== undefined && ifNoneMatch === headerOf(headers, 'etag');
    if (!answer || (ifNoneMatch !== undefined && !isKnown)) {
      if (request.method === 'GET') request[ASKED] = { key, asOf: began };
      return false;
    }
    if (answer.isPage) generations.markUsed(answer, now);
    if (isKnown) together(() => response.writeHead(304, ofNotModified(headers)).end());
    else leave(answer, response, (body) => response.writeHead(200, headers).end(body));
    return true;
  }

  /** Has an answer leave with the others of this turn, and its body stay what it is until it has. */
  function leave(answer: CachedResponse, response: ServerResponse, send: (body: Buffer) => void): void {
    const { slab } = answer;
    slab.leaving++;
    together(() => {
      send(bodyOf(answer));
      // What the socket has not taken yet is read later, at the client's pace.
      if (response.writableEnded && response.writableLength === 0) slab.leaving--;
      else response.once('close', () => slab.leaving--);
    });
  }

  return {
    /** Answers what it can, and leaves the rest to `handler`. */
    before:
      (handler: RequestListener): RequestListener =>
      (request, response) => {
        if (!giveAgain(request, response)) handler(request, response);
      },

    /** Keeps what the routes answer, as it leaves; gives nothing any more when the server is closing. */
    keep(app: Scope): void {
      app.addHook('onSend', (request, reply, payload, done) => {
        // Node takes three times as long to send text that has yet to become bytes.
        const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
        const { [ASKED]: question }: AskedRequest = request.raw;
        // Should a generation have come, or midnight passed, it is not certain any more which side of it this is of.
        if (question && Buffer.isBuffer(body) && question.asOf === asOf(clock())) {
          const answer = finished(request, reply, body);
          const kept = answer && cache.put(question.key, answer);
          if (kept) {
            freeBuffer(body);
            return leave(kept, reply.raw, (bytes) => done(null, bytes));
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

/** @returns undefined when it is none that could be given again */
function finished(request: Request, reply: Reply, body: Buffer): FullResponse | undefined {
  if (reply.statusCode !== 200) return undefined;
  const all = reply.getHeaders();
  const { [GENERATION_HEADER]: generation, etag } = all;
  if (generation === undefined || typeof etag !== 'string') return undefined;
  const headers = ['content-length', String(body.length)];
  for (const name in all) {
    if (name === 'content-length') continue;
    headers.push(name, String(all[name]));
  }
  const isPage = 'link' in all || request.url.includes('cursor=');
  return { generation: Number(generation), headers, body, isPage };
}

/** The value of a header that is there; of none when there are no headers. */
const headerOf = (headers: readonly string[], name: string) => headers[headers.indexOf(name) + 1];
/** @param headers names and values by turns */
const ofNotModified = (headers: readonly string[]): string[] =>
  headers.filter((_, i) => OF_NOT_MODIFIED.has(headers[i - (i % 2)] ?? ''));
