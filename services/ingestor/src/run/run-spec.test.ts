import t from 'tap';
import { FULL_SCOPE, keyScope, MAX_KEYS, mergeSpecs, type RunSpec } from './run-spec.ts';

const keys = (from: number, count: number) =>
  keyScope(new Set(Array.from({ length: count }, (_, i) => `${from + i}.csv`)));
const burst = (...named: string[]): RunSpec => ({
  trigger: 'bucket',
  scope: keyScope(new Set(named)),
  force: false,
  traces: [],
});

t.test('a merged run has the scope of both', async (t) => {
  const cases: { name: string; a: RunSpec; b: RunSpec; merged: RunSpec }[] = [
    {
      name: 'two bursts',
      a: burst('1.csv'),
      b: burst('2.csv', '1.csv'),
      merged: burst('1.csv', '2.csv'),
    },
    {
      name: 'a burst and a request',
      a: burst('1.csv'),
      b: { trigger: 'request', scope: FULL_SCOPE, force: false, traces: [] },
      merged: { trigger: 'request', scope: FULL_SCOPE, force: false, traces: [] },
    },
    {
      name: 'a forced run and one that is not',
      a: { trigger: 'request', scope: FULL_SCOPE, force: true, traces: [] },
      b: { trigger: 'schedule', scope: FULL_SCOPE, force: false, traces: [] },
      merged: { trigger: 'request', scope: FULL_SCOPE, force: true, traces: [] },
    },
    {
      name: 'more keys than the limit',
      a: { trigger: 'bucket', scope: keys(0, MAX_KEYS), force: false, traces: [] },
      b: { trigger: 'bucket', scope: keys(MAX_KEYS, 1), force: false, traces: [] },
      merged: { trigger: 'bucket', scope: FULL_SCOPE, force: false, traces: [] },
    },
    {
      name: 'as many keys as the limit',
      a: { trigger: 'bucket', scope: keys(0, MAX_KEYS), force: false, traces: [] },
      b: { trigger: 'bucket', scope: keys(0, 1), force: false, traces: [] },
      merged: { trigger: 'bucket', scope: keys(0, MAX_KEYS), force: false, traces: [] },
    },
  ];
  for (const { name, a, b, merged } of cases) {
    t.same(mergeSpecs(a, b), merged, name);
    t.same(mergeSpecs(b, a), merged, `${name}, in the other order`);
  }
});

t.test('a merged run belongs to the requests of both', async (t) => {
  const from = (digit: string) => ({ traceparent: `00-${digit.repeat(32)}-${digit.repeat(16)}-01` });
  const [a, b] = [
    { ...burst('1.csv'), traces: [from('a')] },
    { ...burst('2.csv'), traces: [from('b'), from('c')] },
  ];
  t.same(mergeSpecs(a, b).traces, [from('a'), from('b'), from('c')]);
  const many = { ...a, traces: Array.from({ length: 1_000 }, () => from('d')) };
  t.ok(mergeSpecs(many, b).traces.length < 100, 'of very many requests, not all are remembered');
});
