import http from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { LIMITS } from '../../src/http/limits/limits.ts';
import { countStatuses, openAttacks, startAttacked } from '../support/_attack.ts';
import { usersNamed } from '../support/_generation.ts';
import { get } from '../support/_raw.ts';

/** The bound that the README states, bytes. */
const MAX_BYTES = 1.5e9;
const USERS = 4_000;
/** Between two rounds of other clients, ms. Without it, they would be an attack, too. */
const PAUSE_MS = 50;
const QUERIES = 10_000;
const QUERIES_PER_CONNECTION = 200;

/** Asks from another address than the attackers'. */
async function ask(address: string, target: string) {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get(address + target, { agent: false }, resolve).on('error', reject);
  });
  return { status: response.statusCode, body: await json(response) };
}

/** Subscribes to the events from another address. @returns the status, and the first event */
async function subscribe(address: string) {
  const response = await fetch(`${address}/events`);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return { status: response.status, text: Buffer.from(first?.value ?? []).toString() };
}

// A second loopback address exists without setup on Linux only.
t.test(
  'all attacks at once: other clients are served, and memory is bounded',
  { skip: process.platform !== 'linux' },
  async (t) => {
    // 24 MB: more than the sockets of a client that does not read hold.
    const service = await startAttacked(t, usersNamed('x'.repeat(6_000), USERS), {
      // Shorter deadlines, to see their end. How late the event loop is depends on the machine.
      ...{ headersTimeoutMs: 5_000, slowReaderMs: 4_000, eventLoopDelayMs: 0 },
    });
    const { address } = service;
    const { open, openMany, pipeline } = openAttacks(t, address);
    let isOver = false;

    /** @returns the statuses of all answers */
    async function attackWithQueries(): Promise<number[]> {
      const query = (i: number) =>
        get(
          `/data?limit=1&user_id=${100_000 + (i % USERS)}&user_id=different-${i}`,
          (i + 1) % QUERIES_PER_CONNECTION === 0 ? 'connection: close\r\n' : '',
        );
      const queries = Array.from({ length: QUERIES }, (_, i) => query(i));
      const sent: Promise<number[]>[] = [];
      while (queries.length > 0) sent.push(pipeline(queries.splice(0, QUERIES_PER_CONNECTION).join('')));
      return (await Promise.all(sent)).flat();
    }

    /** What other clients do meanwhile. @returns how often, and the answers that are wrong */
    async function useService() {
      const wrong: unknown[] = [];
      let rounds = 0;
      do {
        const page = await ask(address, `/data?limit=2&min_age=${rounds % 50}`);
        if (!Array.isArray(page.body) || page.body.length !== 2) wrong.push(page);
        const stats = await ask(address, '/stats');
        if (Object(stats.body).count !== USERS) wrong.push(stats);
        const health = await ask(address, '/healthz');
        const waited = await ask(address, '/data?limit=1&min_generation=1');
        for (const answer of [health, waited]) if (answer.status !== 200) wrong.push(answer);
        const events = await subscribe(address);
        if (!events.text.startsWith('id: 1-')) wrong.push(events);
        rounds++;
        await setTimeout(PAUSE_MS);
      } while (!isOver);
      return { rounds, wrong };
    }

    const others = useService();
    const slow = await openMany(500, (i) =>
      i % 2 === 0
        ? 'GET /data HTTP/1.1\r\nhost: localhost\r\nx: '
        : 'POST /data HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\nx: ',
    );
    const waiters = await openMany(200, () => get('/stats?min_generation=99'));
    const streams = await openMany(300, () => get('/data'));
    const subscribers = await openMany(2_000, () => get('/events'));
    const queries = attackWithQueries();
    // A busy machine may also cut off attackers that are late.
    t.equal((await countStatuses(streams))[200], LIMITS.streamsPerClient, 'streams of one client');
    t.equal((await countStatuses(subscribers))[200], LIMITS.eventStreamsPerClient, 'its event streams');
    const { body: all } = await ask(address, '/data');
    t.ok(Array.isArray(all) && all.length === USERS, 'another client gets all rows as a stream');
    t.equal((await countStatuses(slow))[200], undefined, 'slow connections end');
    t.equal((await countStatuses(waiters))[200], undefined, 'generation 99 does not come');
    const statuses = await queries;
    t.equal(statuses.length, QUERIES);
    t.ok(statuses.every((status) => status === 200));
    while ((await service.state()).hits.slow_reader < LIMITS.streamsPerClient) await setTimeout(PAUSE_MS);
    isOver = true;
    const { rounds, wrong } = await others;
    t.same(wrong, [], `${rounds} times, other clients got what they asked for`);

    const again = await open(get('/data'));
    t.equal(await again.status, 200, 'the streams that were not read have made room');
    const { hits, peakBytes } = await service.state();
    for (const name of ['header_time', 'streams_per_client', 'event_streams_per_client'] as const) {
      t.ok(hits[name] > 0, `${name}: ${hits[name]}`);
    }
    t.ok(peakBytes < MAX_BYTES, `${Math.round(peakBytes / 1e6)} MB`);
  },
);
