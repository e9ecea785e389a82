import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { ownNatsIsMissing, startOwnNats, type TestNats } from '@landfall/test-servers/nats-server';
import { startTcpProxy } from '@landfall/test-servers/tcp-proxy';
import { connect, type NatsConnection } from 'nats';
import t, { type Test } from 'tap';
import type { BusSettings, EventBus } from '../event-bus.ts';
import { natsBus } from './nats-bus.ts';

const skip = ownNatsIsMissing() ?? false;
const STREAM = { name: 'KEPT', subject: 'kept.*', maxMessages: 10, maxPerSubject: 1, maxAgeMs: 3_600_000 };
const quiet: BusSettings = { streams: [STREAM], onError: () => undefined };

t.test(
  'a stream that was deleted is made again also where somebody subscribes to its subject',
  { skip },
  async (t) => {
    const server = await serverOf(t);
    const bus = busOn(t, server);
    let connections = 0;
    bus.onConnected(() => connections++);
    await connected(bus);
    const before = connections;
    const received: unknown[] = [];
    bus.subscribe('kept.*', (message) => received.push(message));
    await bus.keep('kept.a', 'before', '1');
    await deleteStream(t, server);
    await bus.keep('kept.b', 'after', '2');
    t.same(await bus.lastKept('kept.*'), ['after']);
    t.ok(received.includes('after'));
    t.equal(connections, before + 1, 'listeners are called to read durable state again');
  },
);

t.test('reading a deleted stream creates it again, empty', { skip }, async (t) => {
  const server = await serverOf(t);
  const bus = busOn(t, server);
  await connected(bus);
  await bus.keep('kept.a', 'before', '1');
  await deleteStream(t, server);
  t.same(await bus.lastKept('kept.*'), []);
  const raw = await rawOn(t, server);
  t.equal((await (await raw.jetstreamManager()).streams.info('KEPT')).config.name, 'KEPT');
});

t.test('a stored message that is not JSON does not hide others', { skip }, async (t) => {
  const server = await serverOf(t);
  const errors: string[] = [];
  const bus = busOn(t, server, { ...quiet, onError: (_error, subject) => errors.push(subject) });
  await connected(bus);
  await bus.keep('kept.a', 'first', '1');
  const raw = await rawOn(t, server);
  await raw.jetstream().publish('kept.b', Buffer.from('{not json'));
  await bus.keep('kept.c', 'last', '3');
  t.same(await bus.lastKept('kept.*'), ['first', 'last']);
  t.same(errors, ['kept.b']);
});

t.test('a stream that cannot be created does not prevent others from being created', { skip }, async (t) => {
  const server = await serverOf(t);
  const raw = await rawOn(t, server);
  // Its subject overlaps: the server refuses the stream of the bus.
  await (await raw.jetstreamManager()).streams.add({ name: 'FOREIGN', subjects: ['other.>'] });
  const other = { ...STREAM, name: 'OTHER', subject: 'other.*' };
  const bus = busOn(t, server, { ...quiet, streams: [other, STREAM] });
  await connected(bus);
  await bus.keep('kept.a', 1, '1');
  t.same(await bus.lastKept('kept.*'), [1]);
});

t.test('a stale connection is detected and replaced', { skip }, async (t) => {
  const server = await serverOf(t);
  const proxy = await startTcpProxy(Number(new URL(server.url).port));
  t.teardown(proxy.stop);
  const bus = natsBus(
    { ...server, url: `nats://127.0.0.1:${proxy.port}`, name: 'test', pingEveryMs: 100 },
    quiet,
  );
  t.teardown(() => bus.close());
  await connected(bus);
  const received = new Promise((resolve) => bus.subscribe('news', resolve));
  const again = connected(bus, 2);
  proxy.freeze();
  await again;
  const other = busOn(t, server);
  await connected(other);
  const knocking = setInterval(() => other.publish('news', 'still subscribed'), 10);
  t.teardown(() => clearInterval(knocking));
  t.equal(await received, 'still subscribed');
});

t.test('a client that closed its connection for good connects again', { skip }, async (t) => {
  const server = await serverOf(t);
  let accepts = true;
  const errors: string[] = [];
  const bus = busOn(t, server, { ...quiet, onError: (error) => errors.push(error.message) });
  await connected(bus);
  // Wrong credentials twice in a row: the client closes its connection and tries no more.
  const port = Number(new URL(server.url).port);
  await server.kill();
  const refusing = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(
      'INFO {"server_id":"x","version":"2.9.10","auth_required":true,"max_payload":1000000,"proto":1}\r\n',
    );
    socket.on('data', () => socket.end("-ERR 'Authorization Violation'\r\n"));
  });
  refusing.listen(port, '127.0.0.1');
  const signal = AbortSignal.timeout(20_000);
  while (accepts) {
    await once(refusing, 'connection', { signal });
    accepts = !errors.some((message) => /Authorization/i.test(message));
  }
  refusing.close();
  const again = connected(bus, 1 + (bus.connected ? 1 : 0));
  await server.restart();
  await again;
  await bus.keep('kept.a', 1, '1');
  t.same(await bus.lastKept('kept.*'), [1]);
});

t.test('close resolves in every state of the server', { skip }, async (t) => {
  const server = await serverOf(t);
  const bus = busOn(t, server);
  await connected(bus);
  await server.pause();
  t.teardown(() => server.resume());
  bus.publish('news', 'on its way');
  await bus.close();
  t.equal(bus.connected, false);

  const sockets = new Set<net.Socket>();
  const silent = net.createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const { port } = silent.address() as net.AddressInfo;
  const early = natsBus({ url: `nats://127.0.0.1:${port}`, name: 'test' }, quiet);
  await once(silent, 'connection');
  await early.close();
  t.equal(early.connected, false, 'a server that accepts and sends nothing');
});

t.test(
  'a queue that is unsubscribed before it is open does not keep the process alive',
  { skip },
  async (t) => {
    const { url, user = '', password = '' } = await serverOf(t);
    const script = fileURLToPath(new URL('./_early-unsubscriber.ts', import.meta.url));
    const child = spawn(process.execPath, [script, url, user, password], { stdio: 'inherit' });
    t.teardown(() => child.kill('SIGKILL'));
    t.same(await once(child, 'exit', { signal: AbortSignal.timeout(20_000) }), [0, null]);
  },
);

t.test('a call fails in time when the server sends no reply', { skip }, async (t) => {
  const server = await serverOf(t);
  const bus = busOn(t, server);
  await connected(bus);
  await server.pause();
  t.teardown(() => server.resume());
  await Promise.all([
    t.rejects(bus.keep('kept.a', 1, '1'), { name: 'BusError', code: 'timeout' }),
    t.rejects(bus.lastKept('kept.*'), { name: 'BusError', code: 'timeout' }),
    t.rejects(bus.request('any', 1, 200), { name: 'BusError', code: 'timeout' }),
  ]);
});

async function serverOf(t: Test): Promise<TestNats> {
  const server = await startOwnNats();
  t.teardown(server.stop);
  return server;
}

function busOn(t: Test, { url, user, password }: TestNats, settings = quiet): EventBus {
  const bus = natsBus({ url, user, password, name: 'test' }, settings);
  t.teardown(() => bus.close());
  return bus;
}

async function rawOn(t: Test, { url, user, password }: TestNats): Promise<NatsConnection> {
  const raw = await connect({ servers: url, user: user ?? '', pass: password ?? '' });
  t.teardown(() => raw.close());
  return raw;
}

async function deleteStream(t: Test, server: TestNats): Promise<void> {
  await (await (await rawOn(t, server)).jetstreamManager()).streams.delete('KEPT');
}

/** Resolves at the `times`-th connection. */
function connected(bus: EventBus, times = 1): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    bus.onConnected(() => {
      if (++seen === times) resolve();
    });
  });
}
