import { noCounts, type RunProgress, type RunReport } from '@landfall/contracts/messages/run';
import t from 'tap';
import { hasHeldRemovals, newestFirst, phaseOf, withRun } from './runs.js';

const report = (run_id: string, minute: number, changes: Partial<RunReport> = {}): RunReport => ({
  run_id,
  trigger: 'bucket',
  status: 'succeeded',
  ...noCounts(),
  published: false,
  generation: 1,
  version: null,
  started_at: new Date(minute * 60_000).toISOString(),
  finished_at: new Date(minute * 60_000 + 5).toISOString(),
  duration_ms: 5,
  error: null,
  ...changes,
});
const progress = (run_id: string, minute: number): RunProgress => ({
  run_id,
  trigger: 'request',
  status: 'running',
  phase: 'fetch',
  done: 1,
  total: 2,
  rate: null,
  remaining_ms: null,
  started_at: new Date(minute * 60_000).toISOString(),
});
const ids = (runs: { run_id: string }[]) => runs.map(({ run_id }) => run_id);

t.test('the latest word on a run counts, and a report is the last', async (t) => {
  const runs = withRun([report('a', 1)], progress('b', 2));
  t.same(ids(runs), ['b', 'a']);
  const after = withRun(runs, report('b', 2));
  t.match(after, [{ run_id: 'b', status: 'succeeded' }, { run_id: 'a' }]);
  t.match(withRun(after, progress('b', 2)), [{ run_id: 'b', status: 'succeeded' }], 'a late word is no news');
  const queued: RunProgress = { ...progress('b', 2), status: 'queued', phase: 'list' };
  t.match(
    withRun(runs, queued),
    [{ run_id: 'b', status: 'running' }],
    'an answer that was sent before an event',
  );
  t.match(withRun(runs, { ...progress('b', 2), phase: 'list' }), [{ phase: 'fetch' }]);
  t.match(withRun(runs, { ...progress('b', 2), phase: 'publish' }), [{ phase: 'publish' }]);
});

t.test('the newest come first, and only some', async (t) => {
  const runs = Array.from({ length: 20 }, (_, i) => report(String(i), i));
  t.same(ids(newestFirst(runs)), ['19', '18', '17', '16', '15', '14']);
});

t.test('a run that dropped too much says how to do it all the same', async (t) => {
  t.ok(hasHeldRemovals(report('a', 1, { held: 60 })));
  t.notOk(hasHeldRemovals(report('a', 1, { held: 0 })));
  t.notOk(hasHeldRemovals(report('a', 1)));
  t.equal(phaseOf(progress('a', 1)), 'Reading files');
  t.equal(phaseOf({ ...progress('a', 1), status: 'queued' }), 'Waiting for the previous run');
});
