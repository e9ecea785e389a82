import t from 'tap';
import type { Definition } from '../dataset/definition.ts';
import { USERS } from '../dataset/users.ts';
import { isPassedOver } from '../text/passed-over.ts';
import { keyPatternOf } from './key-pattern.ts';
import {
  isAlwaysPassedOver,
  namesOfTools,
  passedOverFolderTest,
  passedOverTest,
} from './passed-over-keys.ts';

const definitionOf = (records: string, ...files: string[]): Definition => ({
  ...USERS,
  records,
  companions: files.map((each, i) => ({ name: `c${i}`, files: each, column: `c${i}_path` })),
});

t.test('names of tools are found in the literal segments of a pattern', async (t) => {
  for (const [pattern, names] of [
    ['**/{id}.csv', []],
    ['data/{id}.csv', []],
    ['.archive/{id}.json', ['.archive']],
    ['**/@eaDir/a/**/#recycle/{id}.csv', ['@eaDir', '#recycle']],
    ['@eadir/{id}.csv', ['@eadir']],
    ['{id}/.meta.json', ['.meta.json']],
    ['{id}/lost+found/x.{png,jpg}', ['lost+found']],
    ['a.b/x.archive/{id}.csv', []],
    ['.a*/{id}.csv', []],
    ['.{id}/x.csv', []],
    ['*.a/{id}.csv', []],
  ] as const) {
    t.same(namesOfTools(keyPatternOf(pattern)), names, pattern);
  }
});

t.test('a pattern that only begins as such a name never has a file', async (t) => {
  for (const pattern of ['.{id}.csv', '.a*/{id}.csv', 'a/~$*/{id}.csv', '@GMT-*/{id}.csv', '.a/.{id}.csv'])
    t.equal(isAlwaysPassedOver(keyPatternOf(pattern)), true, pattern);
  for (const pattern of [
    '{id}.csv',
    '.a/{id}.csv',
    '**/{id}.csv',
    'a.{id}.csv',
    '*.a/{id}.csv',
    '@*/{id}.csv',
  ])
    t.equal(isAlwaysPassedOver(keyPatternOf(pattern)), false, pattern);
});

t.test('without such a name in a pattern, the test is the same for all definitions', async (t) => {
  t.equal(passedOverTest(USERS), isPassedOver);
  t.equal(passedOverFolderTest(USERS), isPassedOver);
});

t.test('only the named files are not passed over, and no wildcard matches another such name', async (t) => {
  const definition = definitionOf(
    '**/.archive/**/{id}.csv',
    'thumbs/@eaDir/{id}.{png,jpg}',
    '{id}/.meta.txt',
  );
  t.equal(passedOverTest(definition), passedOverTest(definition), 'it is made once');
  for (const [key, expected] of [
    ['.archive/1.csv', false],
    ['a/.archive/b/1.csv', false],
    ['.archive/1.CSV', false],
    ['1.csv', false],
    ['a/readme', false],
    ['.archive/.archive/1.csv', true],
    ['.archive/.1.csv', true],
    ['.archive/@eaDir/1.csv', true],
    ['.git/.archive/1.csv', true],
    ['.archive/1.txt', true],
    ['.archive', true],
    ['.Archive/1.csv', true],
    ['.archives/1.csv', true],
    ['thumbs/@eaDir/1.jpg', false],
    ['thumbs/@eaDir/1.csv', true],
    ['@eaDir/1.jpg', true],
    ['thumbs/@eadir/1.jpg', true],
    ['1/.meta.txt', false],
    ['1/.meta.csv', true],
    ['.1/.meta.txt', true],
  ] as const) {
    t.equal(passedOverTest(definition)(key), expected, key);
  }
});

t.test('a folder is not passed over when a pattern has its name', async (t) => {
  const isFolderPassedOver = passedOverFolderTest(definitionOf('a/.archive/{id}.csv', 'a/@eaDir/{id}.png'));
  for (const [folder, expected] of [
    ['a', false],
    ['a/.archive', false],
    ['a/.archive/', false],
    ['a/.archive/b', false],
    ['a/@eaDir', false],
    ['a/@eadir', true],
    ['a/.archive/.git', true],
    ['.git/.archive', true],
    ['.git', true],
  ] as const) {
    t.equal(isFolderPassedOver(folder), expected, folder);
  }
});
