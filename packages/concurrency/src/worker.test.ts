import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import type { CountingCalls } from './_counting-worker.ts';
import { createWorkerClient } from './worker-client.ts';

function setUp(t: Test, maxWaiting?: number) {
  const events: string[] = [];
  const worker = createWorkerClient<CountingCalls, string, string>({
    url: new URL('./_counting-worker.ts', import.meta.url),
    workerData: () => undefined,
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
    closedError: () => new Error('closed'),
    onEvent: (event) => events.push(event),
  });
  t.teardown(worker.close);
  const made = async () => (await Array.fromAsync(worker.stream({ kind: 'made', query: undefined })))[0];
  return { worker, events, made };
}

t.test('concurrent calls return their own parts in order', async (t) => {
  const { worker } = setUp(t);
  const results = await Promise.all(
    [3, 1, 200].map((to) => Array.fromAsync(worker.stream({ kind: 'count', query: { to } }))),
  );
  t.same(
    results,
    [3, 1, 200].map((to) => Array.from({ length: to }, (_, i) => i + 1)),
  );
  t.equal(worker.isBusy(), false);
});

t.test('the worker makes a few parts ahead, and no more after the call is stopped', async (t) => {
  const { worker, made } = setUp(t);
  const parts = worker.stream({ kind: 'count', query: { to: 1_000 } });
  t.equal((await parts.next()).value, 1);
  const ahead = (await made()) ?? 0;
  t.ok(ahead <= 3, `${ahead} parts`);
  await parts.return(undefined);
  t.equal(worker.isBusy(), false);
  const stopped = (await made()) ?? 0;
  t.ok(stopped <= 4, `${stopped} parts`);
  t.equal(await made(), stopped);
});

t.test('a signal stops a call', async (t) => {
  const { worker } = setUp(t);
  const controller = new AbortController();
  const parts = worker.stream({ kind: 'count', query: { to: 1_000 } }, controller.signal);
  await parts.next();
  controller.abort();
  await t.rejects(parts.next(), { name: 'StoppedError' });
  const late = worker.stream({ kind: 'count', query: { to: 1 } }, controller.signal);
  await t.rejects(late.next(), { name: 'StoppedError' });
});

t.test('an error keeps its name, message and code', async (t) => {
  const { worker } = setUp(t);
  const failing = worker.stream({ kind: 'fail', query: { code: 'EXAMPLE' } });
  await t.rejects(failing.next(), { name: 'RangeError', message: 'it failed', code: 'EXAMPLE' });
});

t.test('a worker that ends fails its calls, and the next call starts another one', async (t) => {
  const { worker, events } = setUp(t);
  worker.set('a');
  worker.set('b');
  const crashing = worker.stream({ kind: 'crash', query: undefined }).next();
  const pending = Array.fromAsync(worker.stream({ kind: 'count', query: { to: 1_000_000 } }));
  await Promise.all([
    t.rejects(crashing, { message: 'the worker thread ended' }),
    t.rejects(pending, { message: 'the worker thread ended' }),
  ]);
  const setting = await Array.fromAsync(worker.stream({ kind: 'setting', query: undefined }));
  t.same(setting, ['b'], 'it gets the last setting');
  t.equal(events.at(-1), 'set to b');
});

t.test('calls beyond the limit are refused, and those of a closed client as well', async (t) => {
  const { worker } = setUp(t, 1);
  const first = worker.stream({ kind: 'count', query: { to: 1 } }).next();
  const second = worker.stream({ kind: 'count', query: { to: 1 } }).next();
  await t.rejects(second, { message: /too many calls/ });
  t.match(await first, { value: 1 });
  await worker.close();
  await t.rejects(worker.stream({ kind: 'count', query: { to: 1 } }).next(), { message: 'closed' });
});

t.test('a worker is terminated only when its modules are loaded', async (t) => {
  const { worker } = setUp(t);
  const terminated = t.capture(Worker.prototype, 'terminate', Worker.prototype.terminate);
  const messages = t.capture(Worker.prototype, 'emit', Worker.prototype.emit);
  const call = worker.stream({ kind: 'count', query: { to: 1 } }).next();
  await new Promise(setImmediate);
  await Promise.all([worker.terminate(), call.catch(() => undefined)]);
  t.equal(terminated().length, 1);
  t.ok(
    messages().some(({ args: [event] }) => event === 'message'),
    'the worker was ready',
  );
});
