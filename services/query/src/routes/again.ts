import { utcDay } from '@landfall/contracts/age';
import { type FinishedAnswer, openAnswerCache } from '../answer-cache.ts';
import type { Generations } from '../generations.ts';
import { GENERATION_HEADER } from './answer.ts';
import type { Reply, Request, Scope } from './scope.ts';

/** What a 304 says of what a 200 says. */
const OF_NOT_MODIFIED = ['vary', GENERATION_HEADER, 'cache-control', 'etag'];

/** What an answer was made from, beside the request: as long as both are the same, so is the answer. */
interface AsOf {
  /** The generations that can be read; another array once there are others. */
  kept: ReturnType<Generations['all']>;
  /** The UTC day. */
  day: number;
}

/** What giving answers again needs. */
interface AgainDeps {
  dataSet: { generations: Pick<Generations, 'all' | 'use'> };
  /** Ms since 1970 UTC. */
  clock: () => number;
  cacheBytes: number;
}

/**
 * Gives an answer that has been given before once more, without a look at what it means: whoever asks in the same
 * words, for the same formats and codings, while the same generations can be read and on the same UTC day, gets the
 * same bytes. No route knows of it. Only what is sent whole and says of which generation it is, is kept.
 *
 * @param app its routes are added afterwards
 */
export function answerAgain(app: Scope, { dataSet, clock, cacheBytes }: AgainDeps): void {
  const { generations } = dataSet;
  const cache = openAnswerCache(cacheBytes);
  /** Requests that are answered by their routes, and as of when they began. */
  const asked = new WeakMap<Request, { key: string; asOf: AsOf }>();
  let latest: AsOf = { kept: generations.all(), day: utcDay(clock()) };

  function asOf(now: number): AsOf {
    const [kept, day] = [generations.all(), utcDay(now)];
    if (kept !== latest.kept || day !== latest.day) {
      latest = { kept, day };
      cache.clear();
    }
    return latest;
  }

  app.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return done();
    const now = clock();
    const began = asOf(now);
    const { accept, 'accept-encoding': coding, 'if-none-match': ifNoneMatch } = request.headers;
    const key = `${request.url}\n${accept}\n${coding}`;
    const answer = cache.get(key);
    const isKnown = ifNoneMatch === answer?.etag;
    if (answer && (isKnown || ifNoneMatch === undefined)) {
      if (answer.isPage) generations.use(answer, now);
      return send(reply, answer, isKnown);
    }
    if (request.method === 'GET') asked.set(request, { key, asOf: began });
    done();
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    const question = asked.get(request);
    // Should a generation have come, or midnight passed, it is not certain any more which side of it this is of.
    const answer =
      question && question.asOf === asOf(clock()) ? finished(request, reply, payload) : undefined;
    if (answer) cache.put(question?.key ?? '', answer);
    done();
  });
}

/** Goes round Fastify, which has nothing to add. */
function send(reply: Reply, { headers, notModified, body }: FinishedAnswer, isKnown: boolean): void {
  reply.hijack();
  if (isKnown) reply.raw.writeHead(304, notModified).end();
  else reply.raw.writeHead(200, headers).end(body);
}

/** @returns undefined when it is none that could be given again */
function finished(request: Request, reply: Reply, payload: unknown): FinishedAnswer | undefined {
  const { [GENERATION_HEADER]: generation, etag } = reply.getHeaders();
  if (reply.statusCode !== 200 || generation === undefined || typeof etag !== 'string') return undefined;
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return undefined;
  const body = Buffer.from(payload);
  const headers = { ...plain(reply), 'content-length': body.length };
  const notModified = Object.fromEntries(
    Object.entries(headers).filter(([name]) => OF_NOT_MODIFIED.includes(name)),
  );
  const isPage = 'link' in headers || request.url.includes('cursor=');
  return { generation: Number(generation), etag, headers, notModified, body, isPage };
}

function plain(reply: Reply): Record<string, string | number> {
  const headers = Object.entries(reply.getHeaders());
  return Object.fromEntries(
    headers.map(([name, value]) => [name, typeof value === 'number' ? value : String(value)]),
  );
}
