import { readSettings } from '@landfall/process/settings';
import t from 'tap';
import { Type } from 'typebox';
import type { Client } from '../client/client.ts';
import { openGenerationPins } from './generation-pins.ts';
import { LIMIT_NAMES, openLimitHits } from './limit-hits.ts';
import { limitOptions, limitSettings } from './limit-settings.ts';
import { LIMITS } from './limits.ts';
import { openRunRate } from './run-rate.ts';
import { openSlots } from './slots.ts';

const client = (name: string): Client => ({ kind: 'address', name });
const [A, B] = [client('192.0.2.1'), client('192.0.2.2')];
const codeOf = (run: () => unknown): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return Object(error).code;
  }
};

t.test('slots are limited in all and for each client, and the table of clients empties', async (t) => {
  const hits = openLimitHits();
  const slots = openSlots('streams', 3, 2, hits);
  t.equal(slots.take(A), undefined);
  t.equal(slots.take(A), undefined);
  t.equal(slots.take(A)?.code, 'too_many_requests');
  t.equal(slots.take({ kind: 'token', name: A.name }), undefined, 'a token of this name is another client');
  t.equal(slots.take(B)?.code, 'too_busy');
  t.match(hits.counts, { streams: 1, streams_per_client: 1, event_streams: 0 });
  slots.release(A);
  t.equal(slots.take(B), undefined);
  for (const each of [A, B, { kind: 'token', name: A.name } as const]) slots.release(each);
  t.same([slots.taken(), slots.clients()], [0, 0]);
});

t.test('runs: as many as in a minute at once, then one at a time', async (t) => {
  const [clock, hits] = [{ now: 0 }, openLimitHits()];
  const rate = openRunRate(6, hits, () => clock.now);
  const check = (of = A) => codeOf(() => rate.check(of));
  for (let i = 0; i < 6; i++) t.equal(check(), undefined);
  t.throws(() => rate.check(A), { code: 'too_many_requests', more: { retry_after: 10 } });
  t.equal(check(B), undefined, 'another client has its own');
  clock.now += 4_000;
  t.throws(() => rate.check(A), { code: 'too_many_requests', more: { retry_after: 6 } });
  clock.now += 6_000;
  t.equal(check(), undefined);
  t.equal(check(), 'too_many_requests');
  clock.now += 3_600_000;
  for (let i = 0; i < 6; i++) t.equal(check(), undefined);
  t.equal(check(), 'too_many_requests', 'no more are saved up');
  t.equal(hits.counts.run_rate, 4);
});

t.test('generations in use', async (t) => {
  const pins = openGenerationPins(2);
  const at = (generation: number) => ({ generation });
  pins.use(A, at(1), 10);
  pins.use(B, at(1), 20);
  pins.use(A, at(2), 30);
  pins.useCached(at(2), 60);
  pins.useCached(at(3), 60);
  t.same(
    [...pins.usesSince(0)],
    [
      [1, { clients: 2, lastUsed: 20 }],
      [2, { clients: 1, lastUsed: 60 }],
    ],
    'a cached page counts while a client has the generation',
  );
  pins.use(A, at(3), 40);
  t.same([...pins.usesSince(0).keys()], [1, 2, 3]);
  t.equal(pins.usesSince(0).get(1)?.clients, 1, 'the third replaces the first of a client');
  t.same([...pins.usesSince(50).keys()], [2]);
  t.same([...pins.usesSince(0).keys()], [2], 'others were forgotten');
});

t.test(
  'settings: the defaults are the limits, and two deadlines must not contradict each other',
  async (t) => {
    const read = (env: NodeJS.ProcessEnv) => limitOptions(readSettings(Type.Object(limitSettings), env));
    t.same({ ...LIMITS, ...read({}) }, LIMITS);
    t.equal(Object.keys(read({})).length, Object.keys(limitSettings).length, 'each setting is used');
    t.match(
      read({ MAX_HEADER_KB: '16', SLOW_READER_TIMEOUT_S: '5', MAX_UNSENT_MB: '32', MAX_STREAMS: '7' }),
      {
        ...{ headerBytes: 16_384, slowReaderMs: 5_000, unsentBytes: 33_554_432, streams: 7 },
      },
    );
    t.throws(() => read({ HEADER_TIMEOUT_S: '31' }), { name: 'SettingsError', message: /HEADER_TIMEOUT_S/ });
    t.throws(() => read({ MAX_STREAMS: '0' }), { name: 'SettingsError', message: /MAX_STREAMS/ });
    t.same(Object.keys(openLimitHits().counts), LIMIT_NAMES);
  },
);
