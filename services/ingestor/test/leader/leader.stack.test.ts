import { setTimeout as sleep } from 'node:timers/promises';
import { INGEST_RUN } from '@landfall/contracts/messages/events';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t, { type Test } from 'tap';
import { type Ingestors, setUpIngestors } from '../../../../test/_ingestors.ts';
import { until } from '../../../../test/_stack.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;

t.test('two ingestors over one store and one NATS server', { skip }, async (t) => {
  const fixture = await setUpIngestors(t);
  const expected = new Map<string, string>();
  const put = async (userId: string, firstName: string) => {
    await fixture.put(userId, firstName);
    expected.set(userId, `${userId},${firstName},Tester,5,`);
  };
  const served = () => untilServed(fixture, expected);
  const first = await fixture.make('first');
  const second = await fixture.make('second');
  await put('1000', 'Start');
  first.start();
  await first.untilRole('leader');
  second.start();
  await second.untilRole('waiting');

  await t.test('40 new files, added one after the other, are all served', async (t) => {
    for (let i = 0; i < 40; i++) {
      await put(`2${String(i).padStart(3, '0')}`, `User${i}`);
      await sleep(20);
    }
    await served();
    t.same(
      (await second.health())?.conditions.map(({ code }) => code),
      ['waiting'],
    );
    t.same((await first.health())?.conditions, []);
    const ready = await fetch(`${second.url}/readyz`);
    t.equal(ready.status, 200, 'a waiting ingestor is ready');
    t.match(await ready.json(), { role: 'waiting', reason: /leads/ });
    checkLineage(t, fixture);
  });

  await t.test('a rolling restart with overlap loses nothing', async (t) => {
    const stopping = first.end('SIGTERM');
    for (let i = 0; i < 20; i++) await put(`3${String(i).padStart(3, '0')}`, `Rolling${i}`);
    t.equal(await stopping, 0);
    await second.untilRole('leader');
    await served();
    first.start();
    await first.untilRole('waiting');
    await put('1000', 'AfterRestart');
    await served();
    checkLineage(t, fixture);
  });

  await t.test('when the leader is killed, the other ingestor leads within 15 s', async (t) => {
    const killed = performance.now();
    await second.end('SIGKILL');
    await put('1001', 'WhileNobodyLeads');
    await first.untilRole('leader');
    t.ok(performance.now() - killed < 15_000);
    await served();
    second.start();
    await second.untilRole('waiting');
    checkLineage(t, fixture);
  });

  await t.test('a leader that was paused steps down when another one leads', async (t) => {
    first.signal('SIGSTOP');
    await second.untilRole('leader');
    for (let i = 0; i < 10; i++) await put(`4${String(i).padStart(3, '0')}`, `Paused${i}`);
    await served();
    first.signal('SIGCONT');
    await put('1002', 'Continued');
    await first.untilRole('waiting');
    await served();
    checkLineage(t, fixture);
  });

  await t.test('while NATS is down, the leader continues and the other ingestor waits', async (t) => {
    await fixture.nats.kill();
    await until('the lease is not known', second.health, (found) => /NATS/.test(found?.reason ?? ''));
    await until('nor to the other', first.health, (found) => /NATS/.test(found?.reason ?? ''));
    // No event comes now: the file is in the listing that follows the reconnection.
    await put('1003', 'WithoutNats');
    t.match(await second.health(), { role: 'leader' });
    t.match(await first.health(), { role: 'waiting' });
    await fixture.nats.restart();
    await served();
    await until('one has the lease', second.health, (found) => found?.reason === 'this ingestor leads');
    t.match(await first.health(), { role: 'waiting' });
    checkLineage(t, fixture);
  });

  await t.test(
    'after a leader stops, the next one leads at once, and a request gets one reply',
    async (t) => {
      t.equal(await second.end('SIGTERM'), 0);
      await first.untilRole('leader');
      await until(
        'an answer',
        () => fixture.bus.request(INGEST_RUN, {}, 5_000).catch(() => undefined),
        Boolean,
      );
    },
  );

  await t.test('a leader stops while NATS answers nothing', async (t) => {
    await fixture.nats.pause();
    const exit = await first.end('SIGTERM');
    fixture.nats.resume();
    t.equal(exit, 0);
  });

  await t.test(
    'an ingestor that starts without NATS leads on a store that enforces conditional puts',
    async (t) => {
      await fixture.nats.kill();
      await put('1004', 'StartedAlone');
      first.start();
      t.match(await first.untilRole('leader'), { reason: /fenced by conditional puts/, conditions: [] });
      await served();
      second.start();
      await second.untilRole('leader');
      await fixture.nats.restart();
      await until(
        'one of them leads',
        async () => [(await first.health())?.role, (await second.health())?.role].sort(),
        (roles) => roles.join() === 'leader,waiting',
      );
      await put('1005', 'NatsIsBack');
      await served();
      checkLineage(t, fixture);
      t.same(await Promise.all([first.end('SIGTERM'), second.end('SIGTERM')]), [0, 0]);
    },
  );
});

t.test('two processes on one STATE_DIR: the second waits until the first has ended', { skip }, async (t) => {
  const fixture = await setUpIngestors(t);
  const first = await fixture.make('first', 'shared');
  const second = await fixture.make('second', 'shared');
  first.start();
  await first.untilRole('leader');
  second.start();
  const waiting = await second.untilRole('waiting');
  t.match(waiting?.reason, /another process uses STATE_DIR \(.*shared\)/);
  await first.end('SIGKILL');
  await second.untilRole('leader');
  await fixture.put('1000', 'Ada');
  await untilServed(fixture, new Map([['1000', '1000,Ada,Tester,5,']]));
});

async function untilServed(fixture: Ingestors, expected: ReadonlyMap<string, string>): Promise<void> {
  const wanted = JSON.stringify([...expected.values()].sort());
  await until('all rows', fixture.rows, (rows) => JSON.stringify(rows) === wanted);
}

/** Asserts that no generation has two contents and that generations only rise. */
function checkLineage(t: Test, { lineage }: Ingestors): void {
  const twice = [...lineage.versions].filter(([, versions]) => versions.size > 1);
  t.same(twice, [], 'no generation has two contents');
  const sorted = [...lineage.manifests].sort((a, b) => a - b);
  t.same(lineage.manifests, sorted, 'generations only rise');
}
