import { USERS } from '@landfall/contracts/dataset/users';
import fc from 'fast-check';
import t from 'tap';
import { match } from './match.ts';

const objects = (keys: readonly string[]) => keys.map((key) => ({ key, etag: `etag of ${key}`, size: 5 }));
const summary = (keys: readonly string[], id: string) => {
  const { records, companions, companionCount } = match(USERS, id, objects(keys));
  const [image] = companions;
  return [records.map(({ key }) => key), image, companionCount];
};

t.test('records and images are matched by id', async (t) => {
  const cases: [name: string, keys: string[], records: string[], image: string | undefined][] = [
    ['a record alone', ['7.csv'], ['7.csv'], undefined],
    ['with an image', ['7.csv', '7.png'], ['7.csv'], '7.png'],
    ['in different folders', ['a/7.csv', 'z/7.png'], ['a/7.csv'], 'z/7.png'],
    ['png before jpg', ['7.csv', '7.jpg', '7.png'], ['7.csv'], '7.png'],
    ['jpg before jpeg, webp and gif', ['7.gif', '7.webp', '7.jpeg', '7.jpg', '7.csv'], ['7.csv'], '7.jpg'],
    ['two of a kind: the first in byte order', ['b/7.png', 'a/7.png', '7.csv'], ['7.csv'], 'a/7.png'],
    ['the kind counts more than the key', ['a/7.jpg', 'z/7.png', '7.csv'], ['7.csv'], 'z/7.png'],
    ['letter case of the extension', ['7.CSV', '7.PNG'], ['7.CSV'], '7.PNG'],
    [
      'two records: the first in byte order is used',
      ['b/7.csv', 'a/7.csv'],
      ['a/7.csv', 'b/7.csv'],
      undefined,
    ],
    ['capitals come first in byte order', ['7.csv', '7.CSV'], ['7.CSV', '7.csv'], undefined],
    ['bytes, not UTF-16', ['\ufffd/7.csv', '😀/7.csv'], ['\ufffd/7.csv', '😀/7.csv'], undefined],
    ['no record', ['7.png'], [], '7.png'],
  ];
  for (const [name, keys, records, image] of cases)
    t.same(summary(keys, '7').slice(0, 2), [records, image], name);
});

t.test('an id is text: 0001 is not 1, nor 1.2', async (t) => {
  t.same(summary(['0001.csv', '1.2.csv', '1.csv', '1.png', '10.png', 'x/1.gif'], '1'), [
    ['1.csv'],
    '1.png',
    2,
  ]);
});

t.test('the order of the listing does not matter', async (t) => {
  const keys = ['7.csv', 'a/7.csv', '7.png', 'b/7.png', '7.jpg', '8.csv', 'notes.txt'];
  const expected = match(USERS, '7', objects(keys));
  fc.assert(
    fc.property(fc.shuffledSubarray(keys, { minLength: keys.length }), (shuffled) => {
      t.same(match(USERS, '7', objects(shuffled)), expected);
    }),
  );
});

t.test('each companion has the key that is used', async (t) => {
  const badge = { name: 'badge', files: '**/{user_id}.{pdf,png,txt}', column: 'badge_path' };
  const definition = { ...USERS, companions: [...USERS.companions, badge] };
  const companionsOf = (...keys: string[]) => match(definition, '7', objects(keys)).companions;
  t.same(companionsOf('7.txt', '7.jpg', 'z/7.pdf', '7.csv'), ['7.jpg', 'z/7.pdf']);
  t.same(companionsOf('7.txt', '7.csv'), [undefined, '7.txt']);
  t.same(companionsOf('7.png', '7.csv'), ['7.png', undefined], 'the first pattern that fits');
  t.equal(match(definition, '7', objects(['7.png', '7.pdf', '7.txt'])).companionCount, 3);
});
