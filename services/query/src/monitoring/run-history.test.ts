import { ingestProgress, STREAMS } from '@landfall/contracts/messages/events';
import { noCounts, type Run, type RunProgress, type RunReport } from '@landfall/contracts/messages/run';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { makeLogger } from '@landfall/process/logger';
import t, { type Test } from 'tap';
import { openRunHistory } from './run-history.ts';

const at = (second: number) => new Date(Date.UTC(2026, 5, 1, 0, 0, second)).toISOString();
const progress = (run_id: string, second = 0): RunProgress => ({
  run_id,
  trigger: 'request',
  started_at: at(second),
  status: 'running',
  phase: 'list',
  done: 0,
  total: null,
  rate: null,
  remaining_ms: null,
});
const report = (run_id: string, second = 0): RunReport => ({
  run_id,
  trigger: 'request',
  started_at: at(second),
  status: 'succeeded',
  ...noCounts(),
  published: false,
  generation: 1,
  version: 'v',
  finished_at: at(second + 1),
  duration_ms: 1_000,
  error: null,
});
const turn = () => new Promise(setImmediate);

function setUp(t: Test) {
  const errors: Error[] = [];
  const bus = inProcessBus({ streams: STREAMS, onError: (error) => errors.push(error) });
  t.teardown(bus.close);
  const emitted: Run[] = [];
  const follow = (graceMs?: number) => {
    const runs = openRunHistory(bus, (run) => emitted.push(run), makeLogger('test', 'silent'), graceMs);
    t.teardown(runs.stop);
    return runs;
  };
  const deliver = async (run: Run) => {
    bus.publish(ingestProgress(run.run_id), run);
    await turn();
    await turn();
  };
  return { bus, errors, emitted, follow, deliver };
}

t.test('a run is tracked to its report', async (t) => {
  const { follow, deliver, emitted } = setUp(t);
  const runs = follow();
  t.equal(runs.get('a'), undefined);
  await deliver(progress('a'));
  t.match(runs.get('a'), { status: 'running' });
  await deliver(report('a'));
  t.match(runs.get('a'), { status: 'succeeded' });
  await deliver(progress('a'));
  t.match(runs.get('a'), { status: 'succeeded' }, 'progress that comes late changes nothing');
  t.same(
    emitted.map(({ status }) => status),
    ['running', 'succeeded'],
  );
});

t.test('waitForReport resolves with the report', async (t) => {
  const { follow, deliver } = setUp(t);
  const runs = follow();
  const waiting = [runs.waitForReport('a', 5_000), runs.waitForReport('a', 5_000)];
  t.equal(await runs.waitForReport('a', 1), undefined, 'not for ever');
  await deliver(report('a'));
  for (const wait of waiting) t.match(await wait, { run_id: 'a' });
  t.match(await runs.waitForReport('a', 1), { run_id: 'a' }, 'one that is there is had at once');
});

t.test('earlier runs are known after a start', async (t) => {
  const { follow, deliver } = setUp(t);
  await deliver(report('a', 1));
  await deliver(report('c', 3));
  await deliver(report('b', 2));
  const runs = follow();
  await turn();
  t.same(
    runs.newestFirst().map(({ run_id: id }) => id),
    ['c', 'b', 'a'],
  );
});

t.test('a run without a report ends after the grace period of the next run', async (t) => {
  const { follow, deliver } = setUp(t);
  const runs = follow(10);
  await deliver(progress('a', 1));
  await deliver(progress('b', 5));
  t.match(runs.get('a'), { status: 'running' }, 'its report may be on its way');
  t.match(await runs.waitForReport('a', 5_000), {
    status: 'failed',
    error: /outcome of this run is unknown: no report arrived before run b began/,
    error_code: 'outcome_unknown',
    started_at: at(1),
    duration_ms: 4_000,
  });
  t.match(runs.get('b'), { status: 'running' });
  await deliver(progress('a', 1));
  t.match(runs.get('a'), { status: 'failed' }, 'progress that comes late changes nothing');
  await deliver(report('a', 1));
  t.match(runs.get('a'), { status: 'succeeded', error: null }, 'its report counts, whenever it comes');
  await deliver({ ...report('a', 1), status: 'failed' });
  t.match(runs.get('a'), { status: 'succeeded' }, 'and only the first one');
});

t.test('a report within the grace period is the only one', async (t) => {
  const { follow, deliver, emitted } = setUp(t);
  const runs = follow(50);
  await deliver(progress('a', 1));
  await deliver(progress('b', 5));
  await deliver(report('a', 1));
  t.equal(await runs.waitForReport('c', 100), undefined);
  t.same(
    emitted.filter(({ run_id: id }) => id === 'a').map(({ status }) => status),
    ['running', 'succeeded'],
  );
});

t.test('an invalid stored message does not hide the others', async (t) => {
  const { bus, follow, deliver } = setUp(t);
  await deliver(report('a', 1));
  bus.publish(ingestProgress('x'), { hello: 'world' });
  await deliver(report('b', 2));
  const runs = follow();
  await turn();
  t.same(
    runs.newestFirst().map(({ run_id: id }) => id),
    ['b', 'a'],
  );
});

t.test('a queued run does not end the running one', async (t) => {
  const { follow, deliver } = setUp(t);
  const runs = follow();
  await deliver(progress('a', 1));
  await deliver({ ...progress('b', 2), status: 'queued' });
  t.match(runs.get('a'), { status: 'running' });
  t.match(runs.get('b'), { status: 'queued' });
  await deliver(report('a', 1));
  await deliver(progress('b', 3));
  t.match(runs.get('b'), { status: 'running', started_at: at(3) });
});

t.test('of runs with the same start time, the later message is the newer run', async (t) => {
  const { follow, deliver } = setUp(t);
  const runs = follow();
  await deliver(report('a'));
  await deliver(report('b'));
  t.same(
    runs.newestFirst().map(({ run_id: id }) => id),
    ['b', 'a'],
  );
});

t.test('the history holds the last hundred runs', async (t) => {
  const { follow, deliver } = setUp(t);
  const runs = follow();
  for (let i = 0; i < 105; i++) await deliver(report(`run${i}`, i));
  t.equal(runs.newestFirst().length, 100);
  t.equal(runs.get('run4'), undefined);
  t.match(runs.get('run5'), { run_id: 'run5' });
});

t.test('an invalid message is reported, and changes nothing', async (t) => {
  const { bus, errors, follow } = setUp(t);
  const runs = follow();
  bus.publish(ingestProgress('a'), { hello: 'world' });
  await turn();
  await turn();
  t.match(errors, [{ name: 'MessageError' }]);
  t.same(runs.newestFirst(), []);
});
