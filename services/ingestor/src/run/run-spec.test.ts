import t from 'tap';
import { FULL_SCOPE, keyScope, MAX_KEYS, mergeSpecs, type RunSpec } from './run-spec.ts';

const keys = (from: number, count: number) =>
  keyScope(new Set(Array.from({ length: count }, (_, i) => `${from + i}.csv`)));
const burst = (...named: string[]): RunSpec => ({
  trigger: 'bucket',
  scope: keyScope(new Set(named)),
  force: false,
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
      b: { trigger: 'request', scope: FULL_SCOPE, force: false },
      merged: { trigger: 'request', scope: FULL_SCOPE, force: false },
    },
    {
      name: 'a forced run and one that is not',
      a: { trigger: 'request', scope: FULL_SCOPE, force: true },
      b: { trigger: 'schedule', scope: FULL_SCOPE, force: false },
      merged: { trigger: 'request', scope: FULL_SCOPE, force: true },
    },
    {
      name: 'more keys than the limit',
      a: { trigger: 'bucket', scope: keys(0, MAX_KEYS), force: false },
      b: { trigger: 'bucket', scope: keys(MAX_KEYS, 1), force: false },
      merged: { trigger: 'bucket', scope: FULL_SCOPE, force: false },
    },
    {
      name: 'as many keys as the limit',
      a: { trigger: 'bucket', scope: keys(0, MAX_KEYS), force: false },
      b: { trigger: 'bucket', scope: keys(0, 1), force: false },
      merged: { trigger: 'bucket', scope: keys(0, MAX_KEYS), force: false },
    },
  ];
  for (const { name, a, b, merged } of cases) {
    t.same(mergeSpecs(a, b), merged, name);
    t.same(mergeSpecs(b, a), merged, `${name}, in the other order`);
  }
});
