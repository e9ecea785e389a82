import { type ClientOptions, type LandfallClient, LandfallError, openLandfall } from '@landfall/client';
import t from 'tap';

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
const first = (landfall: LandfallClient, signal?: AbortSignal) =>
  landfall.pages({}, signal ? { signal } : {}).next();

t.test('503 and 429 are repeated after Retry-After', async (t) => {
  const past = new Date(0).toUTCString();
  const { requests, landfall } = clientOf([[0], [503, '0'], [429, past], [200]], { token: 'lf_1' });
  t.same(await first(landfall), { value: { generation: 7, rows: [] }, done: false });
  t.same(
    requests.map(({ url }) => url),
    Array(4).fill('http://landfall.test/data?limit=1000'),
  );
  t.equal(requests[3]?.headers.get('authorization'), 'Bearer lf_1');
});

t.test('retries are bounded, in number and in time', async (t) => {
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
