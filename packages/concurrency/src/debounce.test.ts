import { mock } from 'node:test';
import { debounce, MAX_WAIT_MS, QUIET_MS } from '@landfall/concurrency/debounce';
import t from 'tap';

t.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
t.afterEach(() => mock.timers.reset());

function gathering() {
  const bursts: string[][] = [];
  return { bursts, burst: debounce<string>((items) => bursts.push(items)) };
}

t.test('a burst is over when it has been quiet', async (t) => {
  const { bursts, burst } = gathering();
  burst.add('a');
  mock.timers.tick(QUIET_MS - 1);
  burst.add('b');
  mock.timers.tick(QUIET_MS - 1);
  t.same(bursts, []);
  mock.timers.tick(1);
  t.same(bursts, [['a', 'b']]);
  mock.timers.tick(MAX_WAIT_MS);
  t.same(bursts, [['a', 'b']], 'and nothing comes after it');
});

t.test('a burst that does not end is cut', async (t) => {
  const { bursts, burst } = gathering();
  for (let ms = 0; ms < MAX_WAIT_MS + 300; ms += 100) {
    burst.add(String(ms));
    mock.timers.tick(100);
  }
  t.equal(bursts.length, 1);
  t.equal(bursts[0]?.length, MAX_WAIT_MS / 100);
  mock.timers.tick(QUIET_MS);
  t.same(bursts[1], ['1000', '1100', '1200']);
});

t.test('what is dropped is not told', async (t) => {
  const { bursts, burst } = gathering();
  burst.add('a');
  burst.cancel();
  mock.timers.tick(MAX_WAIT_MS);
  t.same(bursts, []);
  burst.add('b');
  mock.timers.tick(QUIET_MS);
  t.same(bursts, [['b']]);
});
