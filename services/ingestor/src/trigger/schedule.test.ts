import { noCounts, type RunReport } from '@landfall/contracts/messages/run';
import t, { type Test } from 'tap';
import type { RunQueue } from '../run/run-queue.ts';
import { FULL_SCOPE } from '../run/run-spec.ts';
import { startSchedule } from './schedule.ts';

/** A run queue that only counts requests. */
function countedRuns() {
  let requested = 0;
  let wake = (): void => undefined;
  const listeners = new Set<(report: RunReport) => void>();
  const runs: Pick<RunQueue, 'request' | 'onReport'> = {
    request: (spec) => {
      requested++;
      wake();
      return {
        job: { run_id: 'run', spec: { scope: FULL_SCOPE, force: false, traces: [], ...spec } },
        result: new Promise(() => undefined),
      };
    },
    onReport(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    runs: { ...runs, whenIdle: async () => undefined },
    requested: () => requested,
    report: (changes: Partial<RunReport>) => {
      for (const listener of listeners) listener({ ...report, ...changes });
    },
    async until(count: number): Promise<void> {
      while (requested < count) {
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
  t.test(`a wall clock that is set ${name} neither delays nor multiplies runs`, async (t) => {
    const { runs, requested, until } = countedRuns();
    const since = performance.now();
    const schedule = startSchedule(runs, 300, 50);
    t.teardown(schedule.stop);
    shiftClock(t, ms);
    await until(1);
    shiftClock(t, -ms);
    await until(3);
    const elapsed = performance.now() - since;
    t.ok(elapsed >= 3 * 300 - 1, `not before their time: ${elapsed} ms`);
    t.ok(requested() <= Math.floor(elapsed / 300), `${requested()} runs in ${elapsed} ms`);
  });
}

t.test('a failed run is retried until a run has listed the whole bucket', async (t) => {
  const { runs, report, until, requested } = countedRuns();
  const schedule = startSchedule(runs, 3_600_000);
  t.teardown(schedule.stop);
  report({ status: 'failed', error: 'no bucket' });
  const since = '2026-06-01T00:00:00Z';
  const failed = { code: 'run_failed', level: 'red' as const, detail: 'x', since, clears: 'a listing' };
  report({ status: 'succeeded', conditions: [failed] });
  await until(1);
  t.equal(requested(), 1, 'a run with a key scope does not cancel the retry');
});

t.test('runs that fail one after the other do not delay the retry', async (t) => {
  const { runs, report, until, requested } = countedRuns();
  const schedule = startSchedule(runs, 3_600_000);
  t.teardown(schedule.stop);
  // With a delay that doubles with each of them, the retry would come after days.
  for (let i = 0; i < 20; i++) report({ status: 'failed', error: 'no bucket' });
  await until(1);
  t.equal(requested(), 1, 'one retry for all');
});
