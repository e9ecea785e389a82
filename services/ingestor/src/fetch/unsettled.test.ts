import { mock } from 'node:test';
import t from 'tap';
import { isUnsettled, msUntilSettled, openRecheck, SETTLE_MS } from './unsettled.ts';

t.test('isUnsettled: changed in the last five seconds', async (t) => {
  t.equal(isUnsettled(undefined, 1_000), false, 'no writer can be at work');
  t.equal(isUnsettled(1_000, 1_000), true);
  t.equal(isUnsettled(1_000, 999 + SETTLE_MS), true);
  t.equal(isUnsettled(1_000, 1_000 + SETTLE_MS), false);
  t.equal(isUnsettled(1_001, 1_000), false, 'the future counts as long ago');
});

t.test('msUntilSettled is bounded when the clock jumps', async (t) => {
  const unsettled = { keys: new Set(['7.csv']), readyAt: 10_000 };
  t.equal(msUntilSettled(unsettled, 7_000), 3_000);
  t.equal(msUntilSettled(unsettled, 10_001), 0);
  t.equal(msUntilSettled(unsettled, -1e9), SETTLE_MS);
});

t.test('openRecheck requests one run for all waiting keys', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const checked: string[][] = [];
  let now = 0;
  const { schedule, cancel } = openRecheck(
    () => now,
    (keys) => checked.push([...keys]),
  );
  schedule({ keys: new Set(['7.csv']), readyAt: 3_000 });
  now = 2_000;
  mock.timers.tick(2_000);
  schedule({ keys: new Set(['8.csv']), readyAt: 6_000 });
  mock.timers.tick(3_999);
  t.same(checked, []);
  mock.timers.tick(1);
  t.same(checked, [['7.csv', '8.csv']]);
  schedule({ keys: new Set(['9.csv']), readyAt: 6_000 });
  cancel();
  mock.timers.tick(10_000);
  t.same(checked, [['7.csv', '8.csv']], 'nothing after it was called off');
});
