import { noCounts, type RunReport } from '@landfall/contracts/run';
import t from 'tap';
import { makeGeneration, usersNamed } from '../test/_generation.ts';
import { type Facts, statusOf } from './status.ts';

const { manifest: served } = makeGeneration(41, usersNamed('x', 3));
const report = (status: RunReport['status'], finished_at: string): RunReport => ({
  run_id: finished_at,
  trigger: 'schedule',
  status,
  ...noCounts(),
  published: false,
  generation: 41,
  version: null,
  started_at: finished_at,
  finished_at,
  duration_ms: 5,
  error: status === 'failed' ? 'the bucket src-data is not there' : null,
});
const [EARLIER, LATER] = ['2026-06-01T11:00:00.000Z', '2026-06-01T12:00:00.000Z'];
const WELL: Facts = {
  served,
  runs: [report('succeeded', LATER)],
  loadFailed: false,
  ingestorAnswers: true,
  busConnected: true,
};

t.test('what is wrong gives the colour, the worst first', async (t) => {
  for (const [what, facts, level, codes, words] of [
    ['nothing', {}, 'green', [], ''],
    ['the ingestor was not asked yet', { ingestorAnswers: undefined }, 'green', [], ''],
    [
      'the ingestor is silent',
      { ingestorAnswers: false },
      'amber',
      ['ingestor_silent'],
      'Generation 41 is served',
    ],
    [
      'the bus is away: of the ingestor nothing is known',
      { busConnected: false, ingestorAnswers: false },
      'amber',
      ['event_bus_away'],
      'NATS is away',
    ],
    [
      'the last run failed',
      { runs: [report('failed', LATER)] },
      'red',
      ['run_failed'],
      'src-data is not there',
    ],
    [
      'what is published can’t be loaded',
      { loadFailed: true },
      'red',
      ['not_loaded'],
      'Generation 41 is served',
    ],
    ['there is nothing', { served: undefined, runs: [] }, 'red', ['no_data_set'], 'no data set yet'],
    [
      'several',
      { runs: [report('failed', LATER)], busConnected: false },
      'red',
      ['run_failed', 'event_bus_away'],
      'failed',
    ],
  ] as const) {
    const status = statusOf({ ...WELL, ...facts });
    t.equal(status.level, level, what);
    t.same(
      status.reasons.map(({ code }) => code),
      codes,
      what,
    );
    t.match(status.reasons[0]?.detail ?? '', words, what);
  }
});

t.test('a run that failed does not count as a look, and one after it makes up for it', async (t) => {
  const runs = [report('failed', LATER), report('succeeded', EARLIER)];
  t.match(statusOf({ ...WELL, runs }), { level: 'red', checked_at: EARLIER });
  t.match(statusOf({ ...WELL, runs: [report('succeeded', LATER), report('failed', EARLIER)] }), {
    level: 'green',
    checked_at: LATER,
    generation: 41,
    created_at: served.created_at,
    rejects: 0,
  });
});
