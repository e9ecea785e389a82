import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
import { openStateFile, type StateFile } from '@landfall/state-file/state-file';
import t, { type Test } from 'tap';
import { databaseLayout } from '../../src/database/schema.ts';
import { rejectsNamed, usersNamed } from '../support/_generation.ts';
import { makeService, NOON, type Service } from '../support/_service.ts';

const COUNT = 8_000;
/** 48 MB: more than sockets may hold on to, which is up to 36 MB on Linux; some 200 KB are read at a time. */
const LARGE = usersNamed('x'.repeat(6_000), COUNT);
/** As many bytes, when they are packed. */
const INCOMPRESSIBLE = usersNamed('', COUNT).map((user) => ({
  ...user,
  last_name: randomBytes(6_000).toString('base64'),
}));
const READS = (COUNT * 6_000) / 200_000;
/** Minimum number of chunks that stay unread when sockets buffer as much as possible. */
const LEFT = READS / 8;

/** A service that counts how often users are read for a stream: each read calls the clock. */
async function withManyUsers(t: Test, users = LARGE) {
  const clock = { now: NOON, reads: 0 };
  const service = await makeService(t, {
    keepGenerations: 1,
    clock() {
      clock.reads++;
      return clock.now;
    },
  });
  await service.publish(1, users);
  return { service, clock };
}

/** Requests a path, all rows by default, and reads only the head of the answer. */
async function stall(
  t: Test,
  { address }: Service,
  headers: http.OutgoingHttpHeaders = {},
  target = '/data',
) {
  const request = http.get(`${address}${target}`, { headers });
  t.teardown(() => request.destroy());
  const [response]: http.IncomingMessage[] = await once(request, 'response');
  if (!response) throw new Error('no response');
  return response;
}

const OTHERS = 30;

/**
 * Waits until nothing is read for streams any more: what is on its way has filled every buffer, or its client is known to be gone.
 *
 * @returns how often something was read for them
 */
async function untilStalled(service: Service, clock: { reads: number }): Promise<number> {
  for (let reads = 0; ; ) {
    const before = clock.reads;
    await others(service);
    const forStreams = clock.reads - before - OTHERS;
    if (forStreams === 0) return reads;
    reads += forStreams;
  }
}

/** Waits while the service works by itself. */
async function others({ ask }: Service): Promise<void> {
  for (let i = 0; i < OTHERS; i++) await ask('/stats');
}

/** What SQLite says of it, once the loader's own checkpoint is over: while that goes on, it says nothing of the log. */
async function truncateLog(db: StateFile) {
  for (;;) {
    const said = db.pragma('wal_checkpoint(TRUNCATE)');
    if (!Array.isArray(said) || said[0]?.log !== -1) return said;
    await new Promise(setImmediate);
  }
}

for (const coding of ['identity', 'gzip']) {
  t.test(`a client that pauses does not block others, and can continue (${coding})`, async (t) => {
    const { service, clock } = await withManyUsers(t);
    const response = await stall(t, service, { 'accept-encoding': coding });
    await others(service);
    const reads = clock.reads;
    for (let generation = 2; generation <= 4; generation++) {
      clock.now += 60_000;
      await service.publish(generation, usersNamed(`${generation}`, 100));
    }
    t.match(await service.ask('/data?limit=1'), { status: 200, json: [{ last_name: '4' }] });

    const db = openStateFile(service.databaseFile, databaseLayout(DEFINITION), (why) => t.fail(why));
    t.match(await truncateLog(db), [{ busy: 0 }], 'no transaction is held open for it');
    db.close();

    const body = coding === 'gzip' ? response.pipe(createGunzip()) : response;
    const read: unknown[] = JSON.parse(await text(body));
    t.equal(read.length, COUNT, 'it gets all the rest');
    t.ok(JSON.stringify(read) === JSON.stringify(LARGE), 'of the generation it began with');
    t.ok(clock.reads - reads >= LEFT || coding === 'gzip', 'which was read only then');
  });
}

t.test('a disconnect frees all resources of a response', async (t) => {
  const { service, clock } = await withManyUsers(t);
  for (const coding of ['identity', 'gzip']) {
    const response = await stall(t, service, { 'accept-encoding': coding });
    response.destroy();
    const reads = await untilStalled(service, clock);
    t.ok(reads <= READS - LEFT, `${coding}: of ${READS} reads, it did ${reads}: the rest was not read`);
  }
  clock.now += 6 * 60_000 + 15 * 60_000;
  await service.publish(2, usersNamed('two', 1));
  t.match(await service.ask('/data?generation=1'), { status: 410 }, 'nor is its generation held any more');
});

for (const coding of ['identity', 'gzip']) {
  t.test(
    `a client that stalls for too long loses its generation and gets an aborted response (${coding})`,
    async (t) => {
      const { service, clock } = await withManyUsers(t, INCOMPRESSIBLE);
      const response = await stall(t, service, { 'accept-encoding': coding });
      // Until what is on its way has filled every buffer, it goes on, and holds its generation.
      const db = openStateFile(service.databaseFile, databaseLayout(DEFINITION), (why) => t.fail(why));
      const isThere = db.prepare('SELECT 1 FROM __generations WHERE generation = 1');
      for (let newest = 2; isThere.get(); newest++) {
        clock.now += 20 * 60_000;
        await service.publish(newest, usersNamed('two', 1));
        await others(service);
      }
      db.close();
      t.match(await service.ask('/data?generation=1'), { status: 410 });
      await t.rejects(text(response), { code: 'ECONNRESET' });
    },
  );
}

t.test('a connection can be reused after a stream', async (t) => {
  const { service } = await withManyUsers(t);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const ports = new Set<number | undefined>();
  for (const [path, coding] of [
    ['/data', 'identity'],
    ['/data', 'gzip'],
    ['/stats', 'identity'],
  ] as const) {
    const request = http.get(`${service.address}${path}`, { agent, headers: { 'accept-encoding': coding } });
    const [response]: http.IncomingMessage[] = await once(request, 'response');
    t.equal(response?.statusCode, 200);
    ports.add(request.socket?.localPort);
    if (response) await buffer(response);
  }
  t.equal(ports.size, 1);
});

const REJECTS = 20_000;
/** 60 MB: more than sockets may hold on to. */
const LARGE_REJECTS = rejectsNamed('x'.repeat(3_000), REJECTS);

for (const target of ['/rejects', '/rejects?limit=10000', '/changes?since=1'] as const) {
  t.test(`${target} is sent at the client's pace, from one generation`, async (t) => {
    const { service, clock } = await withManyUsers(t, []);
    const isChanges = !target.startsWith('/rejects');
    await service.publish(2, isChanges ? LARGE : [], isChanges ? [] : LARGE_REJECTS);
    const [goes, stays] = [await stall(t, service, {}, target), await stall(t, service, {}, target)];
    goes.destroy();
    await untilStalled(service, clock);
    const stalled = clock.reads;
    // The generation after it has none of that.
    clock.now += 60_000;
    await service.publish(3, usersNamed('three', 3), rejectsNamed('three', 3));
    const read: unknown[] = JSON.parse(await text(stays));
    const expected = isChanges
      ? LARGE.map((user) => ({ change: 'added', generation: 2, user_id: user.user_id, user }))
      : LARGE_REJECTS.slice(0, target === '/rejects' ? REJECTS : 10_000);
    t.equal(read.length, expected.length);
    t.ok(JSON.stringify(read) === JSON.stringify(expected), 'all of it, of the generation it began with');
    t.ok(clock.reads - stalled >= LEFT, 'which was read only then');
    t.equal(stays.headers['landfall-generation'], '2');
    const now: unknown = (await service.ask('/rejects')).json;
    t.same(now, rejectsNamed('three', 3));
  });
}
