import t from 'tap';
import { type Comparison, comparisonText, tableText, timesAhead } from './comparison.ts';

const RATE: Comparison = {
  title: 'Pages',
  unit: 'a second',
  better: 'more',
  ours: { name: 'Ours', value: 1_000, detail: 'p50 1 ms' },
  others: [
    { name: 'Slow', value: 50, detail: '' },
    { name: 'Quick', value: 2_000, detail: '' },
    { name: 'Same', value: 1_010, detail: '' },
    { name: 'Broken', value: undefined, detail: 'it ended with 1' },
  ],
};
const TIME: Comparison = {
  title: 'Load',
  unit: 's',
  better: 'less',
  ours: { name: 'Ours', value: 4, detail: '' },
  others: [{ name: 'Quick', value: 1, detail: '' }],
};

t.test('reports who is ahead and by which factor', async (t) => {
  const [, line = '', slow, quick, same, broken] = comparisonText(RATE).split('\n');
  t.equal(line, `  Ours   ${'█'.repeat(20)}${'·'.repeat(20)}    1,000; p50 1 ms`);
  t.match(slow, /^ {2}Slow {3}█·+ {5}50\.0; Ours is 20\.0 × ahead$/);
  t.match(quick, /^ {2}Quick {2}█{40} {4}2,000; Ours is BEHIND by 2\.00 ×$/);
  t.match(same, /Ours is level$/);
  t.match(broken, /^ {2}Broken ·{40} {8}–; it ended with 1$/);

  t.match(comparisonText(TIME), /Ours {2}█{10}·{30} .*\n.*Quick █{40} {5}1\.00; Ours is BEHIND by 4\.00 ×/);
  t.equal(timesAhead(TIME, { name: 'Slow', value: 8, detail: '' }), 2);
});

t.test('formats all comparisons as a table', async (t) => {
  t.same(tableText([RATE]).split('\n'), [
    '|  | Ours | Slow | Quick | Same | Broken |',
    '| --- | --- | --- | --- | --- | --- |',
    '| Pages, a second | 1,000 | 50.0, 20.0 × ahead | 2,000, **2.00 × behind** | 1,010, level | – |',
  ]);
  t.equal(tableText([]), '');
});
