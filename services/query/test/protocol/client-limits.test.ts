import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { INGEST_RUN } from '@landfall/contracts/messages/events';
import t, { type Test } from 'tap';
import { NO_PROXIES, parseTrustedProxies } from '../../src/http/client/trusted-proxies.ts';
import { usersNamed } from '../support/_generation.ts';
import { connect, get } from '../support/_raw.ts';
import { type Answer, makeService } from '../support/_service.ts';
import { fromText, newToken } from '../support/_tokens.ts';

/** 20 MB, also when they are compressed: more than sockets hold. */
const INCOMPRESSIBLE = usersNamed('', 2_500).map((user) => ({
  ...user,
  last_name: randomBytes(6_000).toString('base64'),
}));

const trustedProxies = parseTrustedProxies(['127.0.0.1']) ?? NO_PROXIES;
/** The headers of a request that a trusted proxy sends for a client. */
const from = (address: string) => ({ 'x-forwarded-for': address, 'accept-encoding': 'gzip' });
const [A, B] = [from('192.0.2.1'), from('192.0.2.2')];
/** What an answer says: its status, the code of an error, and when to try again. */
const said = ({ status, headers, json }: Pick<Answer, 'status' | 'headers' | 'json'>) =>
  status === 200 || status === 202 ? status : [status, Object(json).code, Number(headers['retry-after'])];

/** Requests a path and reads only the head of the answer. */
async function open(t: Test, address: string, target: string, headers: http.OutgoingHttpHeaders) {
  const request = http.get(address + target, { headers, agent: false }).on('error', () => undefined);
  t.teardown(() => request.destroy());
  const [response]: http.IncomingMessage[] = await once(request, 'response');
  return { status: response?.statusCode, headers: response?.headers ?? {}, request };
}

t.test('streams, event streams and what is not read: limits for each client, and in all', async (t) => {
  const { address, ask, hits, publish } = await makeService(t, {
    origin: { trustedProxies },
    limits: {
      ...{ concurrentRequests: 2, concurrentRequestsPerClient: 1, gzipStreams: 1, unsentBytes: 2 ** 23 },
      ...{ streams: 3, streamsPerClient: 2, eventStreams: 3, eventStreamsPerClient: 2 },
    },
  });
  await publish(1, INCOMPRESSIBLE);
  for (const [target, name] of [
    ['/data', 'streams'],
    ['/events', 'event_streams'],
  ] as const) {
    const opened = [await open(t, address, target, A), await open(t, address, target, A)];
    if (target === '/data') {
      const codings = opened.map(({ headers }) => headers['content-encoding']);
      t.same(codings, ['gzip', undefined], 'a part of the streams is compressed');
      t.match(hits, { gzip_streams: 1 });
    }
    for (const { status } of opened) t.equal(status, 200);
    t.same(said(await ask(target, A)), [429, 'too_many_requests', 5], `${target}: per client`);
    t.equal((await open(t, address, target, B)).status, 200, 'another client is served');
    t.same(said(await ask(target, B)), [503, 'too_busy', 5], `${target}: in all`);
    t.match(hits, { [name]: 1, [`${name}_per_client`]: 1 });
  }
  // Nearly 4 MiB. In the response cache, it counts as no request that is answered.
  const page = '/data?limit=450';
  t.equal(said(await ask(page)), 200, 'they do not count as requests that are answered');
  const unread = await connect(t, address);
  unread.socket.pause();
  unread.send(get(page).repeat(8));
  while (hits.unsent_bytes === 0) await ask('/healthz');
  unread.socket.resume();
  await unread.closed();
  t.match(hits, { slow_reader: 0 }, 'a client that requests pages and reads none does not fill the memory');
});

t.test('each client can request a number of runs a minute', async (t) => {
  const tokens = [newToken('one', 'run'), newToken('other', 'run')];
  const service = await makeService(t, {
    limits: { runsPerMinute: 3 },
    access: fromText(tokens.map(({ line }) => line)),
  });
  service.bus.respond(INGEST_RUN, () => ({ run_id: 'the-run' }));
  const post = async (token = tokens[0]) =>
    said(await service.ask('/data', { ...token?.header, prefer: 'respond-async' }, 'POST'));
  for (let i = 0; i < 3; i++) t.equal(await post(), 202);
  const refused = await service.ask('/data', tokens[0]?.header, 'POST');
  t.match(refused, { status: 429, json: { code: 'too_many_requests' } });
  const seconds = Number(refused.headers['retry-after']);
  t.ok(seconds > 0 && seconds <= 20, `${seconds} s`);
  t.equal(await post(tokens[1]), 202, 'another token has its own');
  t.match(service.hits, { run_rate: 1 });
});

t.test('a client that pages for ever does not keep generations for ever', async (t) => {
  const MINUTE = 60_000;
  const { ask, hits, publish, time } = await makeService(t, {
    origin: { trustedProxies },
    keepGenerations: 1,
    limits: { pinnedGenerationsPerClient: 2 },
  });
  for (let generation = 1; generation <= 3; generation++) {
    await publish(generation, usersNamed(`${generation}`, 3));
    time.now += MINUTE;
  }
  // Different pages: the second of two equal ones comes from the response cache.
  const page = (limit: number) => `/data?limit=${limit}&generation=1`;
  time.now += 14 * MINUTE;
  t.equal((await ask(page(1), A)).status, 200);
  t.equal((await ask(page(2), B)).status, 200);
  await publish(4, usersNamed('4', 3));
  t.equal((await ask(page(1), A)).status, 200, 'three generations are kept for two clients');
  time.now += 6 * MINUTE;
  t.equal((await ask(page(1), A)).status, 200);
  await publish(5, usersNamed('5', 3));
  t.equal((await ask(page(1), A)).status, 410, 'for one client alone, two are');
  t.match(hits, { pinned_generations_per_client: 1, pinned_generations: 0 });
});

t.test('a connection is closed when nothing happens, and not while an answer is made', async (t) => {
  const { address, hits, ask, publish } = await makeService(t, {
    generationWaitMs: 3_600_000,
    limits: { idleTimeoutMs: 1_500, slowReaderMs: 300 },
  });
  await publish(1, INCOMPRESSIBLE);
  const waiting = http.get(`${address}/stats?min_generation=2`, { agent: false });
  const answered = once(waiting, 'response');
  await open(t, address, '/data', {});
  while (hits.slow_reader === 0) await ask('/healthz');
  const idle = await connect(t, address);
  idle.send(get('/healthz'));
  t.equal((await idle.next())?.status, 200);
  t.equal(await idle.closed(), '');
  t.ok(hits.idle_connection > 0);
  await publish(2, []);
  const [response]: http.IncomingMessage[] = await answered;
  t.equal(response?.statusCode, 200, 'one that waits is not idle');
  response?.resume();
});
