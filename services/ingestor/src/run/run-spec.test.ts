import t from 'tap';
import { join, MAX_KEYS, type Wish } from './run-spec.ts';

const keys = (from: number, count: number) =>
  new Set(Array.from({ length: count }, (_, i) => `${from + i}.csv`));

t.test('a run that serves two looks at all that either wants', async (t) => {
  const cases: { name: string; a: Wish; b: Wish; joined: Wish }[] = [
    {
      name: 'two bursts',
      a: { trigger: 'bucket', keys: new Set(['1.csv']) },
      b: { trigger: 'bucket', keys: new Set(['2.csv', '1.csv']) },
      joined: { trigger: 'bucket', keys: new Set(['1.csv', '2.csv']), force: false },
    },
    {
      name: 'a burst and a request',
      a: { trigger: 'bucket', keys: new Set(['1.csv']) },
      b: { trigger: 'request', force: false },
      joined: { trigger: 'request', keys: undefined, force: false },
    },
    {
      name: 'one who forces, and one who does not',
      a: { trigger: 'request', force: true },
      b: { trigger: 'schedule' },
      joined: { trigger: 'request', keys: undefined, force: true },
    },
    {
      name: 'more keys than are worth it',
      a: { trigger: 'bucket', keys: keys(0, MAX_KEYS) },
      b: { trigger: 'bucket', keys: keys(MAX_KEYS, 1) },
      joined: { trigger: 'bucket', keys: undefined, force: false },
    },
    {
      name: 'just as many as are',
      a: { trigger: 'bucket', keys: keys(0, MAX_KEYS) },
      b: { trigger: 'bucket', keys: keys(0, 1) },
      joined: { trigger: 'bucket', keys: keys(0, MAX_KEYS), force: false },
    },
  ];
  for (const { name, a, b, joined } of cases) {
    t.same(join(a, b), joined, name);
    t.same(join(b, a), joined, `${name}, the other way round`);
  }
});
