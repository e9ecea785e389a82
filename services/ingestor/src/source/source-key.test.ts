import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { type SourceKey, sourceKeyParser } from './source-key.ts';

const parseSourceKey = sourceKeyParser(USERS);

const record = (id: string): SourceKey => ({ kind: 'record', id });
const image = (id: string, preference: number): SourceKey => ({
  kind: 'companion',
  id,
  companion: 0,
  preference,
});
const other: SourceKey = { kind: 'other' };

t.test('a key is parsed by its name and extension', async (t) => {
  const cases: [string, SourceKey][] = [
    ['1000.csv', record('1000')],
    ['0001.csv', record('0001')],
    ['1000.CSV', record('1000')],
    ['a/b/1000.Csv', record('1000')],
    ['Zoë Müller.csv', record('Zoë Müller')],
    ['first.last.csv', record('first.last')],
    ['.env.csv', record('.env')],
    ['1000.png', image('1000', 0)],
    ['1000.JPG', image('1000', 1)],
    ['1000.jpeg', image('1000', 2)],
    ['1000.webp', image('1000', 3)],
    ['faces/1000.gif', image('1000', 4)],
    ['1000.csv.bak', other],
    ['1000', other],
    ['.csv', other],
    ['folder/.png', other],
    ['folder.csv/', other],
    ['folder.csv/readme', other],
    ['1000.svg', other],
    ['1000.csv ', other],
    ['', other],
  ];
  for (const [key, expected] of cases) t.same(parseSourceKey(key), expected, JSON.stringify(key));
});

t.test(
  'files in a tool’s folder belong to the pattern that names the folder, and to no wildcard',
  async (t) => {
    const parse = sourceKeyParser({
      ...USERS,
      companions: [
        { name: 'image', files: '**/{user_id}.png', column: 'img_path' },
        { name: 'old', files: '.archive/{user_id}.csv', column: 'old_path' },
        { name: 'thumb', files: '**/@eaDir/{user_id}.png', column: 'thumb_path' },
      ],
    });
    const companion = (index: number): SourceKey => ({
      kind: 'companion',
      id: '1',
      companion: index,
      preference: 0,
    });
    const cases: [string, SourceKey][] = [
      ['1.csv', record('1')],
      ['a/1.csv', record('1')],
      ['a/1.png', companion(0)],
      ['.archive/1.csv', companion(1)],
      ['a/.archive/1.csv', other],
      ['.archive/1.png', other],
      ['@eaDir/1.png', companion(2)],
      ['a/b/@eaDir/1.png', companion(2)],
      ['@eaDir/@eaDir/1.png', other],
      ['.git/1.csv', other],
    ];
    for (const [key, expected] of cases) t.same(parse(key), expected, key);
  },
);
