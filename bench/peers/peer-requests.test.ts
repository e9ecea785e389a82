import { MS_PER_DAY } from '@landfall/contracts/dataset/age';
import t from 'tap';
import { boundsOf, meanQueries, pageQueries } from './peer-requests.ts';

t.test('requests are deterministic for a seed and never repeat', async (t) => {
  t.same(pageQueries(1_000_000, 50, 1), pageQueries(1_000_000, 50, 1));
  const asked = [...pageQueries(1_000_000, 5_000, 1), ...pageQueries(1_000_000, 5_000, 2)];
  t.equal(new Set(asked.map((query) => JSON.stringify(query))).size, asked.length);
  for (const { fromDay, beforeDay } of meanQueries(1_000, 3)) {
    if (fromDay >= beforeDay || beforeDay * MS_PER_DAY > Date.UTC(2024, 0))
      t.fail('a window beyond the births');
  }
  t.same(boundsOf({ fromDay: -1, beforeDay: 2 }), [-MS_PER_DAY, 2 * MS_PER_DAY]);
});
