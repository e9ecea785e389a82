import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { Condition } from '@landfall/contracts/messages/condition';
import { isReport, type Run } from '@landfall/contracts/messages/run';
import { type Static, Type } from 'typebox';

/** The conditions that this service finds itself: how bad each is, and what ends it. */
const OWN = {
  no_data_set: { level: 'red', clears: 'the first generation is published and loaded' },
  damaged: { level: 'red', clears: 'what is published is loaded into a new database' },
  run_failed: { level: 'red', clears: 'the next run that succeeds' },
  not_loaded: { level: 'red', clears: 'what is published can be read and loaded; tried every 30 seconds' },
  ingestor_silent: { level: 'amber', clears: 'the ingestor answers' },
  event_bus_away: { level: 'amber', clears: 'NATS answers' },
} as const satisfies Record<string, Pick<Condition, 'level' | 'clears'>>;
export type OwnCode = keyof typeof OWN;
const OWN_CODES = Object.keys(OWN) as OwnCode[];

const timeOrNull = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });

export const Status = Type.Object(
  {
    level: Type.Enum(['green', 'amber', 'red'], {
      description: 'of the worst condition. red: somebody has to look; amber: it may clear without help',
    }),
    reasons: Type.Array(Condition, {
      description:
        'the conditions, the worst first; empty when nothing is wrong. Codes of this service: ' +
        `${OWN_CODES.join(', ')}. The others are the ingestor’s`,
    }),
    generation: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], { description: 'that is served' }),
    created_at: timeOrNull('when this generation was made'),
    checked_at: timeOrNull('when a run last succeeded'),
    rejects: Type.Integer({ minimum: 0, description: 'record objects that can’t be used now' }),
  },
  { title: 'Status' },
);
export type Status = Static<typeof Status>;

/** What is known of the ingestor: `hangs` is one that is there and does not answer in time. */
export type IngestorState = 'answers' | 'absent' | 'hangs' | 'unknown';

/** What the status is made of. */
export interface Facts {
  served: Manifest | undefined;
  /** The newest first. */
  runs: readonly Run[];
  /** Why what is published could not be loaded, in words; undefined when it could. */
  loadFault: string | undefined;
  /** Whether the database is damaged, or not loaded again since. */
  isDamaged: boolean;
  ingestor: IngestorState;
  /** What the ingestor says is wrong; undefined when it has not said anything, or is of an earlier version. */
  ingestorConditions: readonly Condition[] | undefined;
  /** Whether NATS answers. */
  busAnswers: boolean;
}

/**
 * The health of the service and of the ingestor.
 *
 * @param since of a condition of this service: when it was first seen (ISO 8601, UTC)
 */
export function statusOf(facts: Facts, since: (code: OwnCode) => string): Status {
  const { served, runs } = facts;
  const reports = runs.filter(isReport);
  const details = detailsOf(facts);
  const own: Condition[] = OWN_CODES.flatMap((code) => {
    const detail = details.get(code);
    if (detail === undefined) return [];
    const { level, clears } = OWN[code];
    return [{ code, level, detail, since: since(code), clears }];
  });
  const all = [...own, ...(facts.ingestorConditions ?? [])];
  const reasons = [
    ...all.filter(({ level }) => level === 'red'),
    ...all.filter(({ level }) => level !== 'red'),
  ];
  return {
    level: reasons[0]?.level ?? 'green',
    reasons,
    generation: served?.generation ?? null,
    created_at: served?.created_at ?? null,
    checked_at: reports.find(({ status }) => status === 'succeeded')?.finished_at ?? null,
    rejects: served?.rejects_snapshot.rows ?? 0,
  };
}

/** What is wrong, in words, by the code of the condition. */
function detailsOf(facts: Facts): Map<OwnCode, string> {
  const details = new Map<OwnCode, string>();
  const set = (code: OwnCode, detail: string) => details.set(code, `${detail} ${served}`.trim());
  const served = facts.served ? `Generation ${facts.served.generation} is served on.` : '';
  if (facts.isDamaged) {
    set('damaged', 'The database was damaged and was set aside. What is published is being loaded again.');
  } else if (!facts.served) {
    set('no_data_set', 'There is no data set yet: the first run has not published one.');
  }
  // An ingestor of an earlier version reports no conditions: its last run has to do.
  const last = facts.ingestorConditions ? undefined : facts.runs.find(isReport);
  if (last?.status === 'failed') {
    details.set('run_failed', `The last run failed: ${last.error ?? 'it is not known why.'}`);
  }
  if (facts.loadFault !== undefined) {
    set('not_loaded', `What is published can’t be read or loaded: ${facts.loadFault}.`);
  }
  if (!facts.busAnswers) {
    set(
      'event_bus_away',
      'NATS does not answer: new data are looked for every 30 seconds, and no run can be asked for.',
    );
  } else if (facts.ingestor === 'absent') {
    set(
      'ingestor_silent',
      'The ingestor does not answer, as no one listens for requests: no file is taken in.',
    );
  } else if (facts.ingestor === 'hangs') {
    set('ingestor_silent', 'The ingestor does not answer in time, although NATS does: it may hang.');
  }
  return details;
}
