import { once } from 'node:events';
import { STREAMS } from '@landfall/contracts/messages/events';
import { untilAnswered } from '@landfall/event-bus/_until-answered';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { natsBus } from '@landfall/event-bus/nats/nats-bus';
import { makeLogger } from '@landfall/process/logger';
import { ownNatsIsMissing, startStackNats } from '@landfall/test-servers/nats-server';
import t, { type Test } from 'tap';
import { connectStack } from './connect.ts';

/** Each service works with its own user of the stack's NATS server (deploy/nats.conf). */
const skip = ownNatsIsMissing() ?? false;
type Server = Awaited<ReturnType<typeof startStackNats>>;
const TIMEOUT_MS = 10_000;

t.test('the users of the stack', { skip }, async (t) => {
  const server = await startStackNats();
  t.teardown(server.stop);

  await t.test('query waits for the streams, which only the ingestor creates', async (t) => {
    const { bus: query } = serviceBus(t, server, 'query');
    await untilConnected(query);
    t.same(await query.lastKept('ingest.progress.*'), []);
    t.same(query.missingStreams, ['RUNS']);
    const found = untilConnected(query, 2);
    const { bus: ingestor } = serviceBus(t, server, 'ingestor');
    await untilConnected(ingestor);
    t.same(ingestor.missingStreams, []);
    await found;
    t.same(query.missingStreams, []);
  });

  await t.test('both services do all they have to do', async (t) => {
    const { bus: query, errors: queryErrors } = serviceBus(t, server, 'query');
    const { bus: ingestor, errors: ingestorErrors } = serviceBus(t, server, 'ingestor');
    await Promise.all([untilConnected(query), untilConnected(ingestor)]);

    const announced = Promise.withResolvers<unknown>();
    query.subscribe('dataset.updated', announced.resolve);
    const progress = Promise.withResolvers<unknown>();
    query.subscribe('ingest.progress.*', progress.resolve);
    ingestor.respond('ingest.run', (request) => ({ run_id: 'one', request }));
    ingestor.respond('ingest.alive', () => ({ alive: true }));
    await untilAnswered(query, 'ingest.alive');
    t.same(await query.request('ingest.run', { force: true }, TIMEOUT_MS), {
      run_id: 'one',
      request: { force: true },
    });
    await t.rejects(query.request('ingest.nobody', {}, TIMEOUT_MS), { code: 'no_responders' });

    await ingestor.keep('dataset.updated', { generation: 1 }, '1');
    t.same(await announced.promise, { generation: 1 });
    t.same(await ingestor.lastKept('dataset.updated'), [{ generation: 1 }]);
    ingestor.publish('ingest.progress.a', { status: 'running' });
    t.same(await progress.promise, { status: 'running' });
    await ingestor.keep('ingest.progress.a', { status: 'succeeded' }, '2');
    await ingestor.keep('ingest.progress.b', { status: 'failed' }, '3');
    t.same(await query.lastKept('ingest.progress.*'), [{ status: 'succeeded' }, { status: 'failed' }]);

    const consumed = Promise.withResolvers<unknown>();
    ingestor.consume('bucket.events', consumed.resolve);
    const access = { url: server.url, ...server.users.minio, name: 'minio' };
    const minio = natsBus(access, { streams: STREAMS, createsStreams: false, onError: () => undefined });
    t.teardown(() => minio.close());
    await untilConnected(minio);
    // As MinIO does with JetStream: it waits for the acknowledgement in an inbox of its own.
    await minio.keep('bucket.events', { Records: [] }, '4');
    t.same(await consumed.promise, { Records: [] });

    const changed = new EventTarget();
    const lease = ingestor.lease('ingestor.processed-data', 'me', () =>
      changed.dispatchEvent(new Event('change')),
    );
    if (lease.state.kind !== 'held')
      await once(changed, 'change', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    lease.raise(7);
    t.same(await lease.check(), { kind: 'held' });
    await lease.release();
    t.same([...queryErrors, ...ingestorErrors], [], 'nothing was refused');
  });
});

/** The bus of a service, made as the service makes it, and what it logs. */
function serviceBus(t: Test, server: Server, service: 'ingestor' | 'query') {
  const errors: string[] = [];
  const log = makeLogger(service, 'silent');
  log.warn = (data: unknown) => {
    errors.push(String(data instanceof Object && 'err' in data ? data.err : data));
  };
  const { user, password } = server.users[service];
  const store = { MINIO_ENDPOINT: 'http://127.0.0.1:1', MINIO_ACCESS_KEY: 'x', MINIO_SECRET_KEY: 'x' };
  const settings = { ...store, NATS_URL: server.url, NATS_USER: user, NATS_PASSWORD: password };
  const { bus } = connectStack(settings, service, log);
  t.teardown(() => bus.close());
  return { bus, errors };
}

/** Resolves at the `times`-th call of `onConnected`. */
async function untilConnected(bus: EventBus, times = 1): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  const leave = bus.onConnected(() => {
    if (++seen === times) resolve();
  });
  await promise;
  leave();
}
