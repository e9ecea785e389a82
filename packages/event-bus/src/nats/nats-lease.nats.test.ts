import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ownNatsIsMissing, startOwnNats, type TestNats } from '@landfall/test-servers/nats-server';
import { connect, type NatsConnection } from 'nats';
import t, { type Test } from 'tap';
import { competitor } from '../event-bus.contract.ts';
import type { EventBus, LeaseState } from '../event-bus.ts';
import { natsBus } from './nats-bus.ts';

const skip = ownNatsIsMissing() ?? false;
const isHeld = ({ kind }: LeaseState) => kind === 'held';
const isUnknown = ({ kind }: LeaseState) => kind === 'unknown';
const isTakenBy = (holder: string) => (state: LeaseState) =>
  state.kind === 'taken' && state.holder === holder;

t.test('a lease is free after its holder was killed', { skip }, async (t) => {
  const server = await serverOf(t);
  const holder = await startHolder(t, server, 'killed');
  await holder.until(isHeld);
  const next = competitor(busOn(t, server), 'x', 'next');
  await next.until(isTakenBy('killed'));
  holder.child.kill('SIGKILL');
  await next.until(isHeld);
  t.equal(next.lease.value, 7, 'the number of the killed holder');
});

t.test('a holder that was paused sees that another competitor holds the lease', { skip }, async (t) => {
  const server = await serverOf(t);
  const holder = await startHolder(t, server, 'paused');
  await holder.until(isHeld);
  const next = competitor(busOn(t, server), 'x', 'next');
  await next.until(isTakenBy('paused'));
  holder.child.kill('SIGSTOP');
  await next.until(isHeld);
  holder.child.kill('SIGCONT');
  await holder.until(isTakenBy('next'));
  t.same(await next.lease.check(), { kind: 'held' });
});

t.test(
  'a holder keeps its lease over a restart of the server, and one that waits goes on waiting',
  { skip },
  async (t) => {
    for (const restart of ['restart', 'wipe'] as const) {
      const server = await serverOf(t);
      const holder = competitor(busOn(t, server), 'x', 'first');
      await holder.until(isHeld);
      const waiting = competitor(busOn(t, server), 'x', 'second');
      await waiting.until(isTakenBy('first'));
      await server.kill();
      await Promise.all([holder, waiting].map(({ until }) => until(isUnknown)));
      await server[restart]();
      await holder.until(isHeld);
      await waiting.until(isTakenBy('first'));
      t.pass(restart);
    }
  },
);

t.test('the deleted bucket of the leases is created again', { skip }, async (t) => {
  const server = await serverOf(t);
  const holder = competitor(busOn(t, server), 'x', 'first');
  await holder.until(isHeld);
  const raw = await rawOn(t, server);
  await (await raw.jetstreamManager()).streams.delete('KV_LANDFALL_LEASES');
  await holder.lease.check();
  await holder.until(isHeld);
  t.same(await holder.lease.check(), { kind: 'held' });
});

t.test(
  'what cannot be read in the bucket is a lease that somebody has, until it expires',
  { skip },
  async (t) => {
    const server = await serverOf(t);
    const first = competitor(busOn(t, server), 'x', 'first');
    await first.until(isHeld);
    const kv = await (await rawOn(t, server)).jetstream().views.kv('LANDFALL_LEASES');
    await kv.put('x', '{not json');
    t.same(await first.lease.check(), { kind: 'taken', holder: 'unknown' });
    await first.until(isHeld);
  },
);

t.test('while the server sends no reply, the state is unknown and release resolves', { skip }, async (t) => {
  const server = await serverOf(t);
  const holder = competitor(busOn(t, server), 'x', 'first');
  await holder.until(isHeld);
  await server.pause();
  t.teardown(() => server.resume());
  t.same(await holder.lease.check(), { kind: 'unknown' });
  await holder.lease.release();
  t.pass('it returned');
});

async function serverOf(t: Test): Promise<TestNats> {
  const server = await startOwnNats();
  t.teardown(server.stop);
  return server;
}

function busOn(t: Test, { url, user, password }: TestNats): EventBus {
  const bus = natsBus({ url, user, password, name: 'test' }, { streams: [], onError: () => undefined });
  t.teardown(() => bus.close());
  return bus;
}

async function rawOn(t: Test, { url, user, password }: TestNats): Promise<NatsConnection> {
  const raw = await connect({ servers: url, user: user ?? '', pass: password ?? '' });
  t.teardown(() => raw.close());
  return raw;
}

/** Another process that competes for the lease `x`. */
async function startHolder(t: Test, { url, user = '', password = '' }: TestNats, holder: string) {
  const script = fileURLToPath(new URL('./_lease-holder.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, url, user, password, 'x', holder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const states: LeaseState[] = [];
  const news = new EventTarget();
  if (!child.stdout) throw new Error('no output');
  readline.createInterface(child.stdout).on('line', (line) => {
    states.push(JSON.parse(line));
    news.dispatchEvent(new Event('state'));
  });
  return {
    child,
    async until(isReached: (state: LeaseState) => boolean): Promise<void> {
      const signal = AbortSignal.timeout(15_000);
      for (;;) {
        const last = states.at(-1);
        if (last && isReached(last)) return;
        await once(news, 'state', { signal });
      }
    },
  };
}
