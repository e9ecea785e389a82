import { once } from 'node:events';
import {
  natsIsMissing,
  ownNatsIsMissing,
  startNats,
  startOwnNats,
  type TestNats,
} from '@landfall/test-servers/nats-server';
import { connect, headers } from 'nats';
import t, { type Test } from 'tap';
import { untilAnswered } from '../_until-answered.ts';
import { eventBusContract } from '../event-bus.contract.ts';
import type { BusSettings, EventBus } from '../event-bus.ts';
import { natsBus } from './nats-bus.ts';

const skip = ownNatsIsMissing() ?? false;
const STREAM = { name: 'KEPT', subject: 'kept.*', maxMessages: 10, maxPerSubject: 1, maxAgeMs: 3_600_000 };
const QUEUE = {
  name: 'WORK',
  subject: 'work',
  maxMessages: 10,
  maxPerSubject: 10,
  maxAgeMs: 3_600_000,
  isQueue: true,
};
const quiet: BusSettings = { streams: [STREAM], onError: () => undefined };

t.test(
  'the NATS adapter fulfils the contract of event buses',
  { skip: natsIsMissing() ?? false },
  async (t) => {
    const server = await startNats();
    t.teardown(server.stop);
    eventBusContract(t, async (t, settings) => {
      const [one, other] = [busOn(t, server, settings), busOn(t, server, settings)];
      return { one, other };
    });
  },
);

t.test('a bus can be opened, used and closed before its server runs', { skip }, async (t) => {
  const server = await startOwnNats();
  t.teardown(server.stop);
  await server.kill();
  const closedEarly = busOn(t, server, quiet);
  await closedEarly.close();

  const bus = busOn(t, server, quiet);
  const received = new Promise((resolve) => bus.subscribe('early', resolve));
  t.equal(bus.connected, false);
  await t.rejects(bus.keep('kept.a', 1, '1'), { code: 'unavailable' });
  await t.rejects(bus.request('any', 1, 100), { code: 'unavailable' });
  bus.publish('early', 'lost, without a fuss');

  await server.restart();
  await connected(bus);
  await bus.keep('kept.a', 1, '1');
  bus.publish('early', 'received');
  t.equal(await received, 'received', 'the subscription was set up after the connection');
});

t.test('after the server was killed, a bus reconnects and receives messages', { skip }, async (t) => {
  const server = await startOwnNats();
  t.teardown(server.stop);
  const bus = busOn(t, server, quiet);
  await connected(bus);
  await bus.keep('kept.a', 'before', '1');
  const again = connected(bus, 2);
  const received = new Promise((resolve) => bus.subscribe('news', resolve));
  await server.restart();
  await again;
  t.same(await bus.lastKept('kept.*'), ['before'], 'stored messages still exist');
  bus.publish('news', 'hello again');
  t.equal(await received, 'hello again');
});

t.test('when JetStream’s data is wiped, the stream is created again', { skip }, async (t) => {
  const server = await startOwnNats();
  t.teardown(server.stop);
  const bus = busOn(t, server, quiet);
  await connected(bus);
  await bus.keep('kept.a', 'lost', '1');
  const raw = await connect({ servers: server.url, user: server.user ?? '', pass: server.password ?? '' });
  t.teardown(() => raw.close());
  await (await raw.jetstreamManager()).streams.delete('KEPT');
  await bus.keep('kept.a', 'kept', '2');
  t.same(await bus.lastKept('kept.*'), ['kept']);
});

t.test(
  'a queue is consumed on over a restart, and over the loss of all that JetStream had',
  { skip },
  async (t) => {
    const server = await startOwnNats();
    t.teardown(server.stop);
    const bus = busOn(t, server, { ...quiet, streams: [QUEUE] });
    const received: unknown[] = [];
    const news = new EventTarget();
    const until = async (message: string) => {
      const signal = AbortSignal.timeout(30_000);
      while (!received.includes(message)) await once(news, 'message', { signal });
    };
    bus.consume(QUEUE.subject, (message) => {
      received.push(message);
      news.dispatchEvent(new Event('message'));
    });
    await connected(bus);
    await bus.keep('work', 'before', '1');
    await until('before');
    const again = connected(bus, 2);
    await server.restart();
    await again;
    await bus.keep('work', 'after a restart', '2');
    await until('after a restart');
    const raw = await connect({ servers: server.url, user: server.user ?? '', pass: server.password ?? '' });
    t.teardown(() => raw.close());
    await (await raw.jetstreamManager()).streams.delete('WORK');
    await bus.keep('work', 'after the wipe', '3');
    await until('after the wipe');
    // The acknowledgement may be lost with the connection: then a message comes twice.
    t.same([...new Set(received)], ['before', 'after a restart', 'after the wipe']);
  },
);

t.test('a message that is not JSON is reported and does no harm', { skip }, async (t) => {
  const server = await startOwnNats();
  t.teardown(server.stop);
  const errors = new EventTarget();
  const reported = once(errors, 'error', { signal: AbortSignal.timeout(5_000) });
  const bus = busOn(t, server, { ...quiet, onError: () => void errors.dispatchEvent(new Event('error')) });
  await connected(bus);
  const received = new Promise((resolve) => bus.subscribe('news', resolve));
  const raw = await connect({ servers: server.url, user: server.user ?? '', pass: server.password ?? '' });
  t.teardown(() => raw.close());
  const knocking = setInterval(() => raw.publish('news', Buffer.from('{not json')), 10);
  await reported;
  clearInterval(knocking);
  raw.publish('news', Buffer.from('"json"'));
  t.equal(await received, 'json');
});

t.test('headers of clients in other languages have the trace, too', { skip }, async (t) => {
  const server = await startOwnNats();
  t.teardown(server.stop);
  const bus = busOn(t, server, quiet);
  await connected(bus);
  bus.respond('question', (_message, trace) => trace ?? 'none');
  await untilAnswered(bus, 'question');
  const raw = await connect({ servers: server.url, user: server.user ?? '', pass: server.password ?? '' });
  t.teardown(() => raw.close());
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  for (const [name, expected] of [
    ['Traceparent', { traceparent }],
    ['TRACEPARENT', { traceparent }],
    ['other', 'none'],
  ] as const) {
    const all = headers();
    all.set(name, traceparent);
    const answer = await raw.request('question', Buffer.from('{}'), { timeout: 5_000, headers: all });
    t.same(answer.json(), expected, name);
  }
});

t.test('a wrong password is reported', { skip }, async (t) => {
  const server = await startOwnNats();
  t.teardown(server.stop);
  const reported = new Promise((resolve) => {
    busOn(t, { ...server, password: 'wrong' }, { streams: [], onError: resolve });
  });
  t.match(await reported, { name: 'BusError', code: 'unavailable', message: /Authorization/i });
});

function busOn(t: Test, server: TestNats, settings: BusSettings): EventBus {
  const bus = natsBus(
    { url: server.url, user: server.user, password: server.password, name: 'test' },
    settings,
  );
  t.teardown(() => bus.close());
  return bus;
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
