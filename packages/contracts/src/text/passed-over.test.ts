import fs from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { countPassedOver, isPassedOver, PASSED_OVER_NAMES, PASSED_OVER_PREFIXES } from './passed-over.ts';

const ODD = [
  '.csv',
  '.1000.csv',
  '._1000.csv',
  '.sync/Archive/1000.csv',
  'team/.sync/Archive/1000.csv',
  '#recycle/1000.csv',
  'share/#Recycle/1000.csv',
  '#snapshot/1000.csv',
  '@eaDir/1000.png',
  'a/@eadir/1000.csv',
  '@GMT-2026.01.01-00.00.00/1000.csv',
  '$Recycle.Bin/S-1-5/1000.csv',
  '~$1000.csv',
  'a/~$1000.csv',
  '~snapshot/hourly.0/1000.csv',
  '__MACOSX/._1000.csv',
  'lost+found/',
  'a/lost+found/1.csv',
  'System Volume Information/1.csv',
  'RECYCLER/S-1-5-21/1.csv',
];

const DATA = [
  '',
  '1000.csv',
  'a/b/1000.csv',
  'a.b/1000.csv',
  'a./1.csv',
  '~1000.csv',
  '~/1.csv',
  '#1000.csv',
  '#recycle.csv',
  'recycle/1.csv',
  'Recycled/1.csv',
  'recycler/1.csv',
  'Lost+Found/1.csv',
  'lost+found.csv',
  'Temporary Items.csv',
  'temporary items/1.csv',
  '@ada.csv',
  '@eaDirs/1.csv',
  'x@eaDir/1.csv',
  '@GMT/1.csv',
  '_1000.csv',
  '$1000.csv',
  '__MACOSX.csv',
  '\u00e9/1.csv',
  '\ud83d\ude00.csv',
];

t.test('files of tools are passed over', async (t) => {
  for (const key of ODD) t.equal(isPassedOver(key), true, key);
  for (const name of PASSED_OVER_NAMES) t.equal(isPassedOver(`a/${name}/1.csv`), true, name);
});

t.test('ordinary names are not passed over', async (t) => {
  for (const key of DATA) t.equal(isPassedOver(key), false, key);
});

t.test('isPassedOver checks each segment only', async (t) => {
  const segment = fc.oneof(
    fc.constantFrom(...PASSED_OVER_NAMES, ...PASSED_OVER_PREFIXES, '~', '@', '#', '$', '_', 'a', ''),
    fc.string({ unit: fc.constantFrom('.', '~', '$', '@', '#', 'a', '\u00e9') }),
    fc.constantFrom(...PASSED_OVER_NAMES).map((name) => `${name}x`),
  );
  const isPassedOverSegment = (name: string) =>
    PASSED_OVER_PREFIXES.some((prefix) => name.startsWith(prefix)) ||
    PASSED_OVER_NAMES.some((odd) =>
      /^[a-z]/i.test(odd) ? odd === name : odd.toLowerCase() === name.toLowerCase(),
    );
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1 }), (segments) => {
      const [key, count] = [segments.join('/'), segments.filter(isPassedOverSegment).length];
      t.equal(isPassedOver(key), count > 0, key);
      t.equal(countPassedOver(key), count, key);
    }),
  );
});

t.test('the README lists all rules', async (t) => {
  const readme = fs.readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  const section = readme.slice(readme.indexOf('### Files that are passed over'));
  const list = section.slice(0, section.indexOf('\n#', 1));
  const named = [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  t.same(
    named.toSorted(),
    [...PASSED_OVER_NAMES, ...PASSED_OVER_PREFIXES.map((prefix) => `${prefix}…`)].toSorted(),
  );
});
