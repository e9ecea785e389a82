import { BusError, type EventBus } from '@landfall/event-bus/event-bus';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { type Logger, makeLogger } from '@landfall/process/logger';
import t, { type Test } from 'tap';
import { openRetryQueue } from './retry-queue.ts';

/** A retry queue on a bus that refuses the messages in `refused`. The test makes its reconnections. */
function setUp(t: Test) {
  const kept: string[] = [];
  const dropped: unknown[] = [];
  const refused = new Set<unknown>();
  const hanging = new Set<unknown>();
  const listeners: (() => void)[] = [];
  const real = inProcessBus({ streams: [], onError: (error) => t.error(error) });
  const bus: EventBus = {
    ...real,
    connected: true,
    onConnected(listener) {
      listeners.push(listener);
      return () => undefined;
    },
    async keep(subject, message, id) {
      if (typeof message === 'bigint') throw new TypeError('no JSON');
      if (hanging.has(message)) return new Promise(() => undefined);
      if (refused.has(message)) throw new BusError('timeout', 'refused');
      kept.push(`${subject} ${message} ${id}`);
    },
  };
  const log: Logger = makeLogger('test', 'silent');
  log.warn = (bindings: unknown) => void dropped.push((bindings as { id: string }).id);
  const retryQueue = openRetryQueue(bus, log);
  t.teardown(retryQueue.close);
  const reconnect = async () => {
    for (const listener of listeners) listener();
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  };
  return { retryQueue, kept, dropped, refused, hanging, reconnect };
}

t.test(
  'a message that cannot be sent delays no other subject, and its own subject stays in order',
  async (t) => {
    const { retryQueue, kept, dropped, refused, reconnect } = setUp(t);
    refused.add('a1');
    await retryQueue.send('a', 'a1', '1');
    await retryQueue.send('a', 'a2', '2');
    await retryQueue.send('b', 'b1', '3');
    t.same(kept, ['b b1 3']);
    refused.clear();
    await reconnect();
    t.same(kept, ['b b1 3', 'a a1 1', 'a a2 2']);
    t.same(dropped, []);
  },
);

t.test('a message that is always refused is dropped for the next one, and logged', async (t) => {
  const { retryQueue, kept, dropped, refused, reconnect } = setUp(t);
  refused.add('bad').add('last');
  await retryQueue.send('a', 'bad', '1');
  await retryQueue.send('a', 'good', '2');
  for (let i = 0; i < 12; i++) await reconnect();
  t.same(kept, ['a good 2']);
  t.same(dropped, ['1']);
  await retryQueue.send('a', 'last', '3');
  for (let i = 0; i < 20; i++) await reconnect();
  t.same(dropped, ['1'], 'a message that delays no other stays');
  refused.clear();
  await reconnect();
  t.same(kept, ['a good 2', 'a last 3']);
});

t.test('a message that can never be sent is dropped at once, without an error', async (t) => {
  const { retryQueue, kept, dropped } = setUp(t);
  await retryQueue.send('a', 1n, 'no-json');
  await retryQueue.send('a', 'next', '2');
  t.same(kept, ['a next 2']);
  t.same(dropped, ['no-json']);
});

t.test('send resolves if the bus does not answer', async (t) => {
  const { retryQueue, hanging, kept } = setUp(t);
  hanging.add('hangs');
  await retryQueue.send('a', 'hangs', '1');
  await retryQueue.send('b', 'other', '2');
  t.same(kept, ['b other 2']);
});

t.test('at most a hundred messages wait', async (t) => {
  const { retryQueue, kept, dropped, refused, reconnect } = setUp(t);
  for (let i = 0; i < 105; i++) {
    refused.add(i);
    await retryQueue.send(`s${i}`, i, String(i));
  }
  t.same(dropped, ['0', '1', '2', '3', '4']);
  retryQueue.discard('s5');
  refused.clear();
  await reconnect();
  t.equal(kept.length, 99);
});
