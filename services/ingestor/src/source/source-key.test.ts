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
