import { noCounts, type RunReport } from '@landfall/contracts/messages/run';
import t, { type Test } from 'tap';
import type { Runs } from '../run/run-queue.ts';
import { startSchedule } from './schedule.ts';

/** Runs that only count who asks for them. */
function countedRuns() {
  let asked = 0;
  let wake = (): void => undefined;
  const listeners = new Set<(report: RunReport) => void>();
  const runs: Pick<Runs, 'ask' | 'onReport'> = {
    ask: (wish) => {
      asked++;
      wake();
      return { job: { run_id: 'run', wish }, result: new Promise(() => undefined) };
    },
    onReport(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    runs: { ...runs, idle: async () => undefined },
    asked: () => asked,
    report: (changes: Partial<RunReport>) => {
      for (const listener of listeners) listener({ ...report, ...changes });
    },
    async until(count: number): Promise<void> {
      while (asked < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const report: RunReport = {
  ...noCounts(),
  run_id: 'run',
  trigger: 'bucket',
  started_at: '2026-06-01T00:00:00Z',
  finished_at: '2026-06-01T00:00:00Z',
  duration_ms: 0,
  status: 'succeeded',
  published: false,
  generation: 1,
  version: null,
  error: null,
  conditions: [],
};

/** Sets the wall clock of this process forward or back; monotonic time goes on. */
function shiftClock(t: Test, ms: number): void {
  const { now } = Date;
  Date.now = () => now() + ms;
  t.teardown(() => {
    Date.now = now;
  });
}

for (const [name, ms] of [
  ['forward', 3_600_000],
  ['back', -3_600_000],
] as const) {
  t.test(`a clock that is set ${name} neither delays nor multiplies runs`, async (t) => {
    const { runs, asked, until } = countedRuns();
    const since = performance.now();
    const schedule = startSchedule(runs, 300, 50);
    t.teardown(schedule.stop);
    shiftClock(t, ms);
    await until(1);
    shiftClock(t, -ms);
    await until(3);
    const elapsed = performance.now() - since;
    t.ok(elapsed >= 3 * 300 - 1, `not before their time: ${elapsed} ms`);
    t.ok(asked() <= Math.floor(elapsed / 300), `${asked()} runs in ${elapsed} ms`);
  });
}

t.test('a failed run is tried again until one has listed everything', async (t) => {
  const { runs, report, until, asked } = countedRuns();
  const schedule = startSchedule(runs, 3_600_000);
  t.teardown(schedule.stop);
  report({ status: 'failed', error: 'no bucket' });
  const since = '2026-06-01T00:00:00Z';
  const failed = { code: 'run_failed', level: 'red' as const, detail: 'x', since, clears: 'a listing' };
  report({ status: 'succeeded', conditions: [failed] });
  await until(1);
  t.equal(asked(), 1, 'a run of some keys does not call it off');
});
