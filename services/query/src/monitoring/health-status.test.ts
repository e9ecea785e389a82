import { noCounts, type RunReport } from '@landfall/contracts/messages/run';
import t from 'tap';
import { makeGeneration, usersNamed } from '../../test/support/_generation.ts';
import { type StatusInput, statusOf } from './health-status.ts';

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
const WELL: StatusInput = {
  served,
  runs: [report('succeeded', LATER)],
  loadFault: undefined,
  isOtherDefinition: false,
  isDamaged: false,
  ingestor: 'answers',
  ingestorConditions: undefined,
  busAnswers: true,
  missingStreams: [],
};
const since = () => EARLIER;
const condition = (code: string, level: 'red' | 'amber') => ({
  code,
  level,
  detail: `${code} is there`,
  since: LATER,
  clears: 'something',
});

t.test('the worst condition sets the level and comes first', async (t) => {
  for (const [what, facts, level, codes, words] of [
    ['nothing', {}, 'green', [], ''],
    ['the ingestor was not asked yet', { ingestor: 'unknown' }, 'green', [], ''],
    [
      'the ingestor is silent',
      { ingestor: 'absent' },
      'amber',
      ['ingestor_silent'],
      'Generation 41 is still served',
    ],
    ['the ingestor hangs', { ingestor: 'hangs' }, 'amber', ['ingestor_silent'], 'although NATS does'],
    [
      'the bus is away: of the ingestor nothing is known',
      { busAnswers: false, ingestor: 'absent' },
      'amber',
      ['event_bus_away'],
      'NATS does not answer',
    ],
    [
      'the ingestor has not created a stream',
      { missingStreams: ['RUNS'] },
      'amber',
      ['streams_missing'],
      'NATS has no stream RUNS yet',
    ],
    [
      'whether NATS has the streams is not known while it is away',
      { busAnswers: false, missingStreams: ['RUNS'] },
      'amber',
      ['event_bus_away'],
      'NATS does not answer',
    ],
    [
      'the last run failed, of an ingestor that reports no conditions',
      { runs: [report('failed', LATER)] },
      'red',
      ['run_failed'],
      'src-data is not there',
    ],
    [
      'what is published can’t be loaded',
      { loadFault: 'an object is missing' },
      'red',
      ['not_loaded'],
      'an object is missing. Generation 41 is still served',
    ],
    [
      'the database is damaged',
      { served: undefined, isDamaged: true },
      'red',
      ['damaged'],
      'set aside. The published data set',
    ],
    [
      'the ingestor reports what is wrong: its last run does not matter',
      { runs: [report('failed', LATER)], ingestorConditions: [condition('folder_unreadable', 'amber')] },
      'amber',
      ['folder_unreadable'],
      'folder_unreadable is there',
    ],
    [
      'the ingestor reports that nothing is wrong',
      { runs: [report('failed', LATER)], ingestorConditions: [] },
      'green',
      [],
      '',
    ],
    [
      'red before amber, from either service',
      {
        ingestor: 'absent',
        ingestorConditions: [condition('removals_held', 'red'), condition('waiting', 'amber')],
      },
      'red',
      ['removals_held', 'ingestor_silent', 'waiting'],
      'removals_held',
    ],
    ['there is nothing', { served: undefined, runs: [] }, 'red', ['no_data_set'], 'no data set yet'],
    [
      'a data set of another definition is published',
      { served: undefined, isOtherDefinition: true, loadFault: 'it has another definition' },
      'red',
      ['not_loaded'],
      'another definition',
    ],
    [
      'several',
      { runs: [report('failed', LATER)], busAnswers: false },
      'red',
      ['run_failed', 'event_bus_away'],
      'failed',
    ],
  ] as const) {
    const status = statusOf({ ...WELL, ...facts }, since);
    t.equal(status.level, level, what);
    t.same(
      status.reasons.map(({ code }) => code),
      codes,
      what,
    );
    t.match(status.reasons[0]?.detail ?? '', words, what);
    for (const reason of status.reasons) t.ok(reason.since && reason.clears, what);
  }
});

t.test('only successful runs count as a check, and a success clears a failure', async (t) => {
  const runs = [report('failed', LATER), report('succeeded', EARLIER)];
  t.match(statusOf({ ...WELL, runs }, since), { level: 'red', checked_at: EARLIER });
  t.match(statusOf({ ...WELL, runs: [report('succeeded', LATER), report('failed', EARLIER)] }, since), {
    level: 'green',
    checked_at: LATER,
    generation: 41,
    created_at: served.created_at,
    rejects: 0,
  });
});
