import t from 'tap';
import { nearestName } from './nearest-name.ts';

t.test('the nearest name is found, if there is one', async (t) => {
  const known = ['optional', 'minimum', 'maximum', 'years_since', 'name', 'integer', 'boolean'];
  for (const [written, expected] of [
    ['optinal', 'optional'],
    ['Optional', 'optional'],
    ['yearsSince', 'years_since'],
    ['minimun', 'minimum'],
    ['max', 'maximum'],
    ['int', 'integer'],
    ['bool', 'boolean'],
    ['nam', 'name'],
    ['title', undefined],
    ['x', undefined],
    ['', undefined],
    ['__proto__', undefined],
    ['optional'.repeat(100_000), undefined],
  ] as const)
    t.equal(nearestName(written, known), expected, written.slice(0, 40));
  t.equal(nearestName('a', []), undefined);
});
