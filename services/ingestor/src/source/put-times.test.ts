import { MAX_PUT_TIMES } from '@landfall/contracts/messages/put-times';
import t from 'tap';
import { openPutTimeCounts } from './put-times.ts';

t.test('put times are counted, and never rounded up', async (t) => {
  const counts = openPutTimeCounts();
  counts.add(1_050);
  counts.addAll([
    [1_000, 2],
    [250, 1],
  ]);
  t.same(counts.take(), [
    [200, 1],
    [1_000, 3],
  ]);
  t.same(counts.take(), [], 'they are forgotten');
  const times = Array.from({ length: 5_000 }, (_, i) => i * 137);
  for (const at of times) counts.add(at);
  const taken = counts.take();
  t.ok(taken.length <= MAX_PUT_TIMES && taken.length > MAX_PUT_TIMES / 4, String(taken.length));
  t.equal(
    taken.reduce((sum, [, objects]) => sum + objects, 0),
    times.length,
  );
  let seen = 0;
  for (const [at, objects] of taken) {
    t.ok(times.slice(seen, seen + objects).every((time) => time >= at));
    seen += objects;
  }
});
