import { ownNatsIsMissing, startStackNats } from '@landfall/test-servers/nats-server';
import { connect, type NatsConnection } from 'nats';
import t, { type Test } from 'tap';
import { untilAnswered } from '../_until-answered.ts';
import type { EventBus } from '../event-bus.ts';
import { natsBus } from './nats-bus.ts';

/** What the users of the stack's NATS server may not do (deploy/nats.conf). */
const skip = ownNatsIsMissing() ?? false;
type Server = Awaited<ReturnType<typeof startStackNats>>;
type User = keyof Server['users'];
const TIMEOUT_MS = 10_000;
const RUNS = {
  name: 'RUNS',
  subject: 'ingest.progress.*',
  maxMessages: 10,
  maxPerSubject: 1,
  maxAgeMs: 3_600_000,
};

t.test('the users of the stack', { skip }, async (t) => {
  const server = await startStackNats();
  t.teardown(server.stop);

  await t.test('what a user may not publish is refused', async (t) => {
    const forbidden: Record<User, string[]> = {
      query: [
        'dataset.updated',
        'bucket.events',
        'ingest.progress.a',
        '$KV.LANDFALL_LEASES.ingestor.processed-data',
        '$JS.API.INFO',
        '$JS.API.STREAM.CREATE.RUNS',
        '$JS.API.STREAM.UPDATE.RUNS',
        '$JS.API.STREAM.DELETE.RUNS',
        '$JS.API.STREAM.PURGE.RUNS',
        '$JS.API.STREAM.MSG.DELETE.RUNS',
        '$JS.API.STREAM.MSG.GET.KV_LANDFALL_LEASES',
        '$JS.API.CONSUMER.CREATE.RUNS',
        '$JS.API.CONSUMER.CREATE.BUCKET.landfall',
        '$JS.API.CONSUMER.MSG.NEXT.BUCKET.landfall',
        '$JS.ACK.BUCKET.landfall.1.1.1.1.0',
        '_INBOX.ingestor.x',
        'other',
      ],
      ingestor: [
        'bucket.events',
        'ingest.run',
        'ingest.alive',
        '$JS.API.STREAM.DELETE.DATASET',
        '$JS.API.STREAM.PURGE.BUCKET',
        '$JS.API.STREAM.CREATE.OTHER',
        '$JS.API.CONSUMER.CREATE.DATASET.other',
        '_INBOX.query.x',
        'other',
      ],
      minio: [
        'dataset.updated',
        'ingest.run',
        'ingest.progress.a',
        '$JS.API.STREAM.INFO.BUCKET',
        '$JS.API.CONSUMER.CREATE.BUCKET.landfall',
        '$KV.LANDFALL_LEASES.ingestor.processed-data',
        '_INBOX.query.x',
      ],
    };
    for (const [user, subjects] of Object.entries(forbidden)) {
      const client = await raw(t, server, user as User);
      for (const subject of subjects) {
        const refused = permissionError(client);
        client.publish(subject, Buffer.from('{}'));
        t.same(await refused, { operation: 'publish', subject }, `${user}: ${subject}`);
      }
    }
  });

  await t.test('what a user may not subscribe to is refused', async (t) => {
    const forbidden: Record<User, string[]> = {
      query: ['bucket.events', 'ingest.run', '_INBOX.ingestor.>', '_INBOX.>', '$JS.>', '$KV.>', '>'],
      ingestor: ['bucket.events', 'dataset.updated', '_INBOX.query.>', '_INBOX.>', '$JS.>', '>'],
      minio: ['dataset.updated', 'ingest.progress.*', 'ingest.run', 'bucket.events', '_INBOX.query.>', '>'],
    };
    for (const [user, subjects] of Object.entries(forbidden)) {
      const client = await raw(t, server, user as User);
      for (const subject of subjects) {
        const refused = permissionError(client);
        client.subscribe(subject, { callback: () => undefined });
        t.same(await refused, { operation: 'subscription', subject }, `${user}: ${subject}`);
      }
    }
  });

  await t.test('MinIO receives no replies to others', async (t) => {
    const minio = await raw(t, server, 'minio');
    const received: string[] = [];
    minio.subscribe('_INBOX.>', { callback: (_, message) => void received.push(message.subject) });
    await minio.flush();
    const query = serviceBus(t, server, 'query');
    await untilConnected(query);
    await t.rejects(query.request('ingest.nobody', {}, TIMEOUT_MS), { code: 'no_responders' });
    await query.lastKept('ingest.progress.*');
    await minio.flush();
    t.same(received, []);
  });

  await t.test('the ingestor replies to inboxes only, and not without a request', async (t) => {
    const ingestor = serviceBus(t, server, 'ingestor');
    const query = serviceBus(t, server, 'query');
    await Promise.all([untilConnected(ingestor), untilConnected(query)]);
    const requests: unknown[] = [];
    ingestor.respond('ingest.run', (request) => requests.push(request) && 'done');
    ingestor.respond('ingest.alive', () => ({ alive: true }));
    await untilAnswered(query, 'ingest.alive');
    const forged: unknown[] = [];
    query.subscribe('dataset.updated', (message) => void forged.push(message));
    const client = await raw(t, server, 'query');
    client.publish('ingest.run', Buffer.from('"forged"'), { reply: 'dataset.updated' });
    await client.flush();
    t.equal(await query.request('ingest.run', 'honest', TIMEOUT_MS), 'done');
    t.same(requests, ['forged', 'honest']);
    t.same(forged, [], 'nothing was published on the subject that query named');
  });

  await t.test('nobody connects without a user of the stack', async (t) => {
    const { user } = server.users.query;
    for (const access of [{}, { user, pass: 'wrong' }, { user: 'landfall', pass: 'x' }, { token: 'x' }]) {
      const connection = connect({ servers: server.url, ...access, reconnect: false });
      await t.rejects(connection, { code: 'AUTHORIZATION_VIOLATION' }, JSON.stringify(access));
    }
  });
});

/** The bus of a service. */
function serviceBus(t: Test, server: Server, service: 'ingestor' | 'query'): EventBus {
  const access = {
    url: server.url,
    ...server.users[service],
    name: service,
    inboxPrefix: `_INBOX.${service}`,
  };
  const createsStreams = service === 'ingestor';
  const bus = natsBus(access, { streams: [RUNS], createsStreams, onError: () => undefined });
  t.teardown(() => bus.close());
  return bus;
}

/** A connection without the bus: it can try what no service does. */
async function raw(t: Test, server: Server, user: User): Promise<NatsConnection> {
  const { user: name, password: pass } = server.users[user];
  const inbox = user === 'minio' ? {} : { inboxPrefix: `_INBOX.${user}` };
  const connection = await connect({ servers: server.url, user: name, pass, ...inbox });
  t.teardown(() => connection.close());
  return connection;
}

/** The next refusal that the server reports to a client. */
async function permissionError(client: NatsConnection) {
  for await (const { permissionContext } of client.status()) {
    if (permissionContext)
      return { operation: permissionContext.operation, subject: permissionContext.subject };
  }
  throw new Error('the connection was closed');
}

const untilConnected = (bus: EventBus) => new Promise<void>((resolve) => void bus.onConnected(resolve));
