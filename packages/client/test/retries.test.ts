import { inspect } from 'node:util';
import { type ClientOptions, type LandfallClient, LandfallError, openLandfall } from '@landfall/client';
import t, { type Test } from 'tap';

/** A client of a service that gives the answers in order, the last one again and again. */
function clientOf(answers: [status: number, retryAfter?: string][], options: ClientOptions = {}) {
  const requests: Request[] = [];
  const fetch = async (request: Request) => {
    const [status, retryAfter] = answers[Math.min(requests.length, answers.length - 1)] ?? [500];
    request.signal.throwIfAborted();
    requests.push(request);
    // A connection that failed.
    if (status === 0) throw new TypeError('fetch failed');
    const headers = new Headers({ 'content-type': 'application/json', 'landfall-generation': '7' });
    if (retryAfter !== undefined) headers.set('retry-after', retryAfter);
    const body = status === 200 ? [] : { status, code: 'too_busy', detail: 'Later.' };
    return new Response(JSON.stringify(body), { status, headers });
  };
  return { requests, landfall: openLandfall('http://landfall.test/', { fetch, ...options }) };
}
/** A client of a service whose answer to each request is made by a function. @param count of requests before */
function answering(answer: (count: number, request: Request) => Response, options: ClientOptions = {}) {
  const requests: Request[] = [];
  const fetch = async (request: Request) => answer(requests.push(request) - 1, request);
  return { requests, landfall: openLandfall('http://landfall.test', { fetch, ...options }) };
}
const stream = (text: string) => new Response(text, { headers: { 'content-type': 'text/event-stream' } });
const dataset = (generation: number) => `event: dataset\ndata: {"generation":${generation}}\n\n`;
const list = (rows: unknown, headers: Record<string, string> = { 'landfall-generation': '7' }) =>
  new Response(JSON.stringify(rows), { headers });
const html = () => new Response('<h1>Welcome</h1>', { headers: { 'content-type': 'text/html' } });

/** Lets timers fire at once. @returns how long each wait would have been, ms */
function skipWaits(t: Test): number[] {
  const waits: number[] = [];
  const real = globalThis.setTimeout;
  t.teardown(() => {
    globalThis.setTimeout = real;
  });
  globalThis.setTimeout = ((run: () => void, ms: number) => {
    // The watch on silence of a connection never fires.
    if (ms === MAX_SILENCE_MS) return undefined;
    waits.push(ms);
    return real(run, 0);
  }) as typeof setTimeout;
  return waits;
}
const MAX_SILENCE_MS = 45_000;

const first = (landfall: LandfallClient, signal?: AbortSignal) =>
  landfall.pages({}, signal ? { signal } : {}).next();

t.test('503 and 429 are repeated after Retry-After', async (t) => {
  skipWaits(t);
  const past = new Date(0).toUTCString();
  const { requests, landfall } = clientOf([[0], [503, '0'], [429, past], [200]], { token: 'lf_1' });
  t.same(await first(landfall), { value: { generation: 7, rows: [] }, done: false });
  t.same(
    requests.map(({ url }) => url),
    Array(4).fill('http://landfall.test/data?limit=1000'),
  );
  t.equal(requests[3]?.headers.get('authorization'), 'Bearer lf_1');
});

t.test('no wait is shorter than the backoff, whatever Retry-After is', async (t) => {
  const waits = skipWaits(t);
  const { landfall } = clientOf([[503, '0'], [503, '-1'], [429, '1.5'], [503, '60'], [200]], {
    maxRetryWaitMs: 60_000,
  });
  await first(landfall);
  t.same(waits.splice(0), [500, 1_000, 2_000, 60_000]);

  const never = clientOf([[429, '9999999'], [200]], { maxRetryWaitMs: Number.POSITIVE_INFINITY });
  await first(never.landfall);
  t.same(waits.splice(0), [2 ** 31 - 1], 'with more, a timer fires at once');
  const silent = answering(() => stream(dataset(7)));
  await silent.landfall.events({ maxSilenceMs: Number.POSITIVE_INFINITY }).next();
  t.equal(Math.max(...waits.splice(0)), 2 ** 31 - 1);

  const past = new Date(0).toUTCString();
  const events = clientOf([
    [503, '0'],
    [429, past],
    [503, '-1'],
    [502, '1.5'],
    [503, '20'],
    [503, '3600'],
    [403],
  ]);
  await t.rejects(events.landfall.events().next(), { name: 'LandfallError', status: 403 });
  t.same(waits.splice(0), [500, 1_000, 2_000, 4_000, 20_000, 30_000]);

  const following = answering(
    (count, { url }) => {
      if (url.endsWith('/events')) return stream(dataset(7));
      return count < 3 ? new Response('', { status: 503, headers: { 'retry-after': '9' } }) : list([]);
    },
    { retries: 0 },
  );
  t.match(await following.landfall.follow(1).next(), { value: { generation: 7 } });
  t.same(waits, [9_000, 9_000]);
});

t.test('every form of a date in Retry-After is read', async (t) => {
  const waits = skipWaits(t);
  const soon = new Date(Date.now() + 600_000);
  const [, day, month, year, time] = soon.toUTCString().split(' ');
  for (const date of [
    soon.toUTCString(),
    `Sunday, ${day}-${month}-${year?.slice(2)} ${time} GMT`,
    `Sun ${month} ${Number(day)} ${time} ${year}`,
  ]) {
    await first(clientOf([[503, date], [200]], { maxRetryWaitMs: 700_000 }).landfall);
    const [waited = 0] = waits.splice(0);
    t.ok(waited > 500_000 && waited <= 600_000, `${date}: ${waited}`);
  }
});

t.test('events start again with the shortest wait after a good connection', async (t) => {
  const waits = skipWaits(t);
  const { landfall } = answering((count) => {
    if (count < 4) return new Response('', { status: 503 });
    return stream(dataset(count));
  });
  const events = landfall.events();
  for (const generation of [4, 5, 6]) t.match(await events.next(), { value: { data: { generation } } });
  t.same(waits, [500, 1_000, 2_000, 4_000, 500, 500]);
});

t.test('a damaged event is skipped, and ends nothing', async (t) => {
  skipWaits(t);
  const damaged = [
    'event: status\ndata: {broken\n\n',
    'event: dataset\ndata: null\n\n',
    'event: dataset\ndata: {}\n\n',
    'event: run\ndata: 5\n\n',
  ].join('');
  const { requests, landfall } = answering((count, { url }) => {
    if (url.endsWith('/events')) return stream(`${damaged}id: \u2605\n${dataset(count + 1)}`);
    return list([], { 'landfall-generation': String(count) });
  });
  const events = landfall.events({ lastEventId: '1-a' });
  t.match(await events.next(), { value: { type: 'dataset', id: '', data: { generation: 1 } } });
  t.match(await events.next(), { value: { data: { generation: 2 } } });
  t.equal(requests[1]?.headers.get('last-event-id'), '1-a', 'an id that no header can have is left out');
  t.match(await landfall.follow(2).next(), { value: { generation: 3 } });
});

t.test('what is no answer of Landfall is an error', async (t) => {
  const unexpected = { name: 'LandfallError', code: 'unexpected_answer' };
  for (const [answer, message] of [
    [html, /not JSON/],
    [() => new Response(null, { status: 204 }), /not a list/],
    [() => list(null), /not a list/],
    [() => list({ user_id: '1' }), /not a list/],
    [() => list([], {}), /Landfall-Generation/],
    [() => list([], { 'landfall-generation': 'new' }), /Landfall-Generation/],
  ] as const) {
    const { requests, landfall } = answering((_, { url }) =>
      url.endsWith('/events') ? stream(dataset(7)) : answer(),
    );
    const readings: Promise<unknown>[] = [
      landfall.pages().next(),
      landfall.rows().next(),
      landfall.changes(1),
      landfall.follow(1).next(),
    ];
    for (const reading of readings) {
      await t.rejects(reading, { ...unexpected, message });
    }
    t.equal(requests.length, 5, 'none is repeated');
  }
  await t.rejects(answering(html).landfall.events().next(), { ...unexpected, status: 200 });
});

t.test('all pages are of one generation, and links may be relative', async (t) => {
  const link = '</data?limit=1000&cursor=c%2B1>; rel="next"';
  const pagesOf = (generations: string[], next = link) =>
    answering((count) => {
      const headers: Record<string, string> = { 'landfall-generation': generations[count] ?? '' };
      return list([count], count === 0 ? { ...headers, link: next } : headers);
    });
  const same = pagesOf(['7', '7']);
  t.same(await Array.fromAsync(same.landfall.rows()), [0, 1]);
  t.equal(new URL(same.requests[1]?.url ?? '').searchParams.get('cursor'), 'c+1');
  await t.rejects(Array.fromAsync(pagesOf(['7', '8']).landfall.pages()), {
    code: 'unexpected_answer',
    message: /generation 8/,
  });
  await t.rejects(Array.fromAsync(pagesOf(['7', '7'], '<http://[>; rel="next"').landfall.pages()), {
    message: /no cursor/,
  });
});

t.test('of a long error, the start is read', async (t) => {
  let chunks = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      // It ends, so that a client without the limit fails the test.
      if (++chunks > 1_000) return controller.close();
      controller.enqueue(new Uint8Array(10_000).fill(97));
    },
    cancel() {
      cancelled = true;
    },
  });
  const { landfall } = answering(() => new Response(body, { status: 403 }));
  const error = await landfall
    .events()
    .next()
    .catch((error: unknown) => error);
  t.match(error, { name: 'LandfallError', status: 403 });
  t.equal((error as LandfallError).problem, 'a'.repeat(64 * 1024));
  t.ok(cancelled);
});

t.test('errors do not quote a password or a token', async (t) => {
  for (const [url, token] of [
    ['http://user:s3cret@landfall.test', 'lf_1'],
    ['http://s3cret@:99999', 'lf_1'],
    ['http://landfall.test', 'lf_s3cret\nlf_2'],
    ['http://landfall.test', 'lf_s3cret\u2605'],
  ] as const) {
    const error = (() => {
      try {
        return openLandfall(url, { token });
      } catch (error) {
        return error;
      }
    })();
    t.ok(error instanceof TypeError);
    t.notMatch(inspect(error), /s3cret/);
  }
  t.ok(
    openLandfall('http://landfall.test/', { token: 'lf_1\n' }),
    'a line end after it is trimmed by the platform',
  );
});

t.test('retries are bounded, in number and in time', async (t) => {
  skipWaits(t);
  for (const [answer, retries, requested] of [
    ['0', 2, 3],
    ['0', 0, 1],
    ['3600', 5, 1],
  ] as const) {
    const { requests, landfall } = clientOf([[503, answer]], { retries });
    const error = await first(landfall).catch((error: unknown) => error);
    t.ok(error instanceof LandfallError);
    t.match(error, { status: 503, code: 'too_busy', message: '503 Later.' });
    t.equal(requests.length, requested, `Retry-After: ${answer}, ${retries} retries`);
  }
});

t.test('other errors, and a POST that may have had its effect, are not repeated', async (t) => {
  skipWaits(t);
  const failing = clientOf([[502]]);
  await t.rejects(first(failing.landfall), { name: 'LandfallError', status: 502 });
  t.equal(failing.requests.length, 1);

  const unreached = clientOf([[0], [200]]);
  await t.rejects(unreached.landfall.api.POST('/data'), { message: 'fetch failed' });
  const posting = clientOf([[503, '0'], [200]]);
  t.match(await posting.landfall.api.POST('/data'), { error: { status: 503 } });
  t.equal(posting.requests.length, 1);
  const limited = clientOf([[429, '0'], [200]]);
  t.equal((await limited.landfall.api.POST('/data')).response.status, 200, 'a 429 was refused before');
});

t.test('a signal ends the wait for a repetition', async (t) => {
  const { requests, landfall } = clientOf([[503, '20']]);
  const abort = new AbortController();
  const answer = first(landfall, abort.signal);
  while (requests.length === 0) await new Promise(setImmediate);
  abort.abort(new Error('enough'));
  await t.rejects(answer, { message: 'enough' });
  await t.rejects(first(landfall, abort.signal), { message: 'enough' }, 'and the next request');
  t.equal(requests.length, 1);
});
