import { INGEST_PROGRESS_ALL, parseRun, STREAMS } from '@landfall/contracts/messages/events';
import type { Run } from '@landfall/contracts/messages/run';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import t from 'tap';
import { estimateRate, openProgressPublisher } from './progress.ts';

t.test('the rate and the remaining time of a phase are estimated', async (t) => {
  const cases: [string, ...Parameters<typeof estimateRate>, ReturnType<typeof estimateRate>][] = [
    ['half way', 500, 1_000, 2_000, { rate: 250, remaining_ms: 2_000 }],
    ['all done', 1_000, 1_000, 2_000, { rate: 500, remaining_ms: 0 }],
    ['of nobody knows how many', 500, null, 2_000, { rate: 250, remaining_ms: null }],
    ['more than there were to be', 1_100, 1_000, 1_000, { rate: 1_100, remaining_ms: 0 }],
    ['just begun', 500, 1_000, 100, { rate: null, remaining_ms: null }],
    ['nothing yet', 0, 1_000, 5_000, { rate: null, remaining_ms: null }],
  ];
  for (const [name, done, total, elapsed, expected] of cases)
    t.same(estimateRate(done, total, elapsed), expected, name);
});

t.test('progress is published at most five times per second', async (t) => {
  const bus = inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) });
  const published: Run[] = [];
  bus.subscribe(INGEST_PROGRESS_ALL, (message) => published.push(parseRun(message)));
  let now = 0;
  t.intercept(performance, 'now', { value: () => now });
  const publish = openProgressPublisher(bus, {
    run_id: 'r',
    trigger: 'start',
    started_at: '2026-06-01T00:00:00.000Z',
  });
  for (; now < 2_000; now += 10) publish(now < 1_000 ? 'list' : 'fetch', now, now < 1_000 ? null : 3_000);
  await new Promise(setImmediate);
  t.equal(published.length, 10, 'in two seconds');
  t.match(published[0], { phase: 'list', done: 0, total: null, rate: null, remaining_ms: null });
  t.match(published[4], { phase: 'list', done: 800, rate: 1_000, remaining_ms: null });
  t.match(published.at(-1), { phase: 'fetch', done: 1_800, total: 3_000, rate: 2_250, remaining_ms: 533 });
});
