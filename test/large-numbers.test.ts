import type { Definition } from '@landfall/contracts/dataset/definition';
import t from 'tap';
import { makeFolder, serveFiles } from './_serve-definition.ts';

const MOST = '9007199254740991';

/** Numbers of the whole range, in records, bounds and queries. */
const READINGS: Definition = {
  name: 'readings',
  one: 'reading',
  records: '{id}.csv',
  fields: [
    { name: 'ticks', type: 'integer' },
    { name: 'price', type: 'decimal', scale: 2 },
    { name: 'share', type: 'decimal', scale: 9, optional: true },
    { name: 'high', type: 'integer', minimum: 9_007_199_254_740_990, optional: true },
  ],
  companions: [],
  derived: [],
  statistics: ['ticks', 'price'],
};

const HEADER = 'ticks,price,share,high\n';
const FILES = {
  'a.csv': `${HEADER}${MOST},90071992547409.91,9007199.254740991,${MOST}\n`,
  'b.csv': `${HEADER}9007199254740990,90071992547409.90,9007199.254740990,9007199254740990\n`,
  'c.csv': `${HEADER}-${MOST},-90071992547409.91,-9007199.254740991,\n`,
  'd.csv': `${HEADER}0,0.01,0.000000001,\n`,
  'e.csv': `${HEADER}9007199254740992,0,0,\n`,
  'f.csv': `${HEADER}0,90071992547409.92,0,\n`,
  'g.csv': `${HEADER}0,0,0,9007199254740989\n`,
};

t.test('numbers near 2^53 are exact, or refused', async (t) => {
  const { ask, ids, published } = await serveFiles(t, makeFolder(t, FILES), READINGS);
  t.match((await ask('/rejects')).json(), [
    { id: 'e', reason: 'invalid_ticks' },
    { id: 'f', reason: 'invalid_price' },
    { id: 'g', reason: 'invalid_high', detail: /is below 9007199254740990/ },
  ]);
  t.equal(
    published('output.csv'),
    `id,${HEADER}a,${MOST},90071992547409.91,9007199.254740991,${MOST}\n` +
      'b,9007199254740990,90071992547409.90,9007199.254740990,9007199254740990\n' +
      `c,-${MOST},-90071992547409.91,-9007199.254740991,\n` +
      'd,0,0.01,0.000000001,\n',
  );
  t.equal((await ask('/data?format=csv')).text, published('output.csv'));
  t.match((await ask('/data/b')).text, /"price":90071992547409.90,"share":9007199.254740990,/);

  for (const [query, expected] of [
    [`ticks=${MOST}`, ['a']],
    ['ticks=9007199254740990', ['b']],
    [`ticks=-${MOST}`, ['c']],
    ['ticks=-0', ['d']],
    [`min_ticks=${MOST}`, ['a']],
    ['min_ticks=9007199254740990', ['a', 'b']],
    ['max_ticks=-9007199254740990', ['c']],
    ['price=90071992547409.91', ['a']],
    ['price=90071992547409.9', ['b']],
    ['min_price=90071992547409.91', ['a']],
    ['max_price=90071992547409.90', ['b', 'c', 'd']],
    ['max_price=-90071992547409.90', ['c']],
    ['share=9007199.254740990', ['b']],
    ['min_share=9007199.254740991', ['a']],
    ['min_share=0.000000001&max_share=9007199.25474099', ['b', 'd']],
  ] as const) {
    t.same(await ids(`/data?${query}`), expected, query);
    t.equal((await ask(`/stats?${query}`)).json().count, expected.length, `${query} in /stats`);
  }
  for (const query of [
    'ticks=9007199254740992',
    'min_ticks=9007199254740993',
    'max_ticks=-9007199254740992',
    'max_ticks=9007199254740991.5',
    'min_ticks=1e16',
    `ticks=${'9'.repeat(400)}`,
    'price=90071992547409.92',
    'min_price=90071992547409.911',
    'max_price=0.001',
    'min_share=9007199.254740992',
    'max_share=0.0000000001',
    'share=1e-9',
  ]) {
    for (const path of ['/data', '/stats']) {
      const { status, json } = await ask(`${path}?${query}`);
      t.match({ status, ...json() }, { status: 400, code: 'bad_parameter' }, `${path}?${query}`);
      t.match(json().detail, new RegExp(query.split('=')[0] ?? ''), query);
    }
  }
  const stats = (await ask('/stats')).text;
  t.match(stats, /"median_ticks":4503599627370495,"sum_ticks":9007199254740990,/);
  t.match(stats, /"min_price":-90071992547409.91,"max_price":90071992547409.91,/);
  t.match(stats, /"median_price":45035996273704.955,"sum_price":90071992547409.91/);
  const counted = (await ask('/stats?histogram=ticks')).text.match(/"ticks":-?\d+/g) ?? [];
  t.same([counted.at(0), counted.at(-1)], [`"ticks":-${MOST}`, `"ticks":${MOST}`]);
});
