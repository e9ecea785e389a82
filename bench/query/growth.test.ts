import t from 'tap';
import { growthHeader, growthRow } from './growth.ts';

t.test('a size is a row of the table', async (t) => {
  const [names = '', ruler = ''] = growthHeader().split('\n');
  const row = growthRow({
    users: 1_000_000,
    outputBytes: 56_400_000,
    loadMs: 11_600,
    loadMb: 276,
    databaseBytes: 4_321_000,
    pageMs: [1, 2, 3, 4],
    statsMs: [0.25],
  });
  t.equal(row, '| 1,000,000 | 56 MB | 11.60 s | 11.6 µs | 276 MB | 4.3 MB | 2.00 ms | 4.00 ms | 0.25 ms |');
  for (const line of [names, ruler]) t.equal(line.split('|').length, row.split('|').length);
});
