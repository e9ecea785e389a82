import { PassThrough } from 'node:stream';
import { ingestProgress, STREAMS } from '@landfall/contracts/messages/events';
import type { RunProgress } from '@landfall/contracts/messages/run';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import t, { type Test } from 'tap';
import { labelsOf, showProgress } from './progress-bar.ts';

const ESCAPE = '\x1b';
const CLEAR_LINE = `${ESCAPE}[0K`;
const RUN: RunProgress = {
  run_id: 'r1',
  trigger: 'start',
  started_at: '2026-06-01T00:00:00.000Z',
  status: 'running',
  phase: 'fetch',
  done: 1_500,
  total: 10_000,
  rate: 2_500.4,
  remaining_ms: 3_400,
};

t.test('the labels are the phase, the progress, the rate and the remaining time', async (t) => {
  t.same(labelsOf(RUN), { what: 'rows processed', pace: '1,500 of 10,000 · 2,500/s · 4 s left' });
  const listing: RunProgress = { ...RUN, phase: 'list', total: null, rate: null, remaining_ms: null };
  t.same(labelsOf(listing), { what: 'objects listed', pace: '1,500' });
});

t.test('a terminal shows a bar until the run ends', async (t) => {
  const { deliver, written } = await watched(t, true);
  await deliver({ ...RUN, done: 2_000 });
  await deliver({ ...RUN, done: 4_000 });
  t.match(written(), /2,000 of 10,000/);
  t.ok(written().includes(CLEAR_LINE), 'it is cleared');
  t.notMatch(written(), /\n/, 'and no line remains');
});

t.test('without a terminal, lines are printed', async (t) => {
  const { deliver, written } = await watched(t, false);
  await deliver({ ...RUN, phase: 'list', done: 7, total: null, rate: null, remaining_ms: null });
  await deliver({ ...RUN, done: 2_000 });
  t.match(
    written(),
    /^objects listed 7\n(?:.*\n)*rows processed [█░]{30} 2,000 of 10,000 · 2,500\/s · 4 s left\n/,
  );
  t.notOk(written().includes(ESCAPE), 'without a terminal’s codes');
});

t.test('a short run shows nothing', async (t) => {
  const { deliver, written } = await watched(t, true, 100);
  await deliver(RUN);
  t.equal(written(), '');
});

/** The progress bar of a run that began `ageMs` ago. */
async function watched(t: Test, isTTY: boolean, ageMs = 10_000) {
  const bus = inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) });
  let text = '';
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 200 });
  stream.on('data', (chunk) => {
    text += chunk;
  });
  const start = performance.now();
  let now = start;
  t.intercept(performance, 'now', { value: () => now });
  const stop = showProgress(bus, stream as never);
  const deliver = async (run: RunProgress) => {
    bus.publish(ingestProgress(run.run_id), run);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  };
  await deliver({ ...RUN, done: 0 });
  now += ageMs;
  t.teardown(stop);
  return {
    deliver,
    written(): string {
      stop();
      return text;
    },
  };
}
