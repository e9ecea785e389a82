import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { Condition } from '@landfall/contracts/messages/condition';
import { isReport, type Run } from '@landfall/contracts/messages/run';
import { type Static, Type } from 'typebox';

/** The conditions that this service detects: the level of each, and what clears it. */
const OWN_CONDITIONS = {
  no_data_set: { level: 'red', clears: 'the first generation is published and loaded' },
  damaged: { level: 'red', clears: 'the published generation is loaded into a new database' },
  run_failed: { level: 'red', clears: 'a run succeeds' },
  not_loaded: {
    level: 'red',
    clears: 'the published generation can be read and loaded; retried every 30 seconds',
  },
  data_too_old: {
    level: 'amber',
    clears: 'a run that lists the whole bucket succeeds, and its generation is served',
  },
  ingestor_silent: { level: 'amber', clears: 'the ingestor responds' },
  tokens_not_reloaded: {
    level: 'amber',
    clears: 'the token file can be used again; it is read every second',
  },
  event_bus_away: { level: 'amber', clears: 'NATS responds' },
  streams_missing: { level: 'amber', clears: 'the ingestor connects to NATS and creates the streams' },
} as const satisfies Record<string, Pick<Condition, 'level' | 'clears'>>;
export type OwnCode = keyof typeof OWN_CONDITIONS;
const OWN_CODES = Object.keys(OWN_CONDITIONS) as OwnCode[];

const timeOrNull = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });

export const Status = Type.Object(
  {
    level: Type.Enum(['green', 'amber', 'red'], {
      description: 'level of the worst condition. red: needs attention; amber: may clear by itself',
    }),
    reasons: Type.Array(Condition, {
      description:
        'the conditions, the worst first; empty when the level is green. Codes of this service: ' +
        `${OWN_CODES.join(', ')}. Other codes come from the ingestor`,
    }),
    generation: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
      description: 'the generation that is served',
    }),
    created_at: timeOrNull('when this generation was created'),
    checked_at: timeOrNull('when the last successful run ended'),
    confirmed_at: timeOrNull(
      'every change of the source bucket up to this time is served: the beginning of the last run that confirmed the served data',
    ),
    rejects: Type.Integer({ minimum: 0, description: 'record objects that can’t be used now' }),
  },
  { title: 'Status' },
);
export type Status = Static<typeof Status>;

/** `absent`: nothing subscribes to the requests. `hangs`: an ingestor subscribes and does not reply in time. */
export type IngestorState = 'answers' | 'absent' | 'hangs' | 'unknown';

/** What the status is computed from. */
export interface StatusInput {
  served: Manifest | undefined;
  /** The newest first. */
  runs: readonly Run[];
  /** Why the published generation could not be loaded; undefined when it was loaded. */
  loadFault: string | undefined;
  /** Whether the published data set has another definition than this service. */
  isOtherDefinition: boolean;
  /** Whether the database is damaged and not rebuilt yet. */
  isDamaged: boolean;
  ingestor: IngestorState;
  /** The conditions of the ingestor; undefined when it has not replied, or is of an earlier version. */
  ingestorConditions: readonly Condition[] | undefined;
  /** Whether NATS responds. */
  busAnswers: boolean;
  /** Names of streams that the ingestor has not created yet. */
  missingStreams: readonly string[];
  /** Why the token file cannot be used again; undefined when it can. */
  accessFault?: string | undefined;
  /** Up to when all changes are served, ms since 1970 UTC; undefined when nothing is served. */
  confirmedAt?: number | undefined;
  /** The limit that the age of the data exceeds, ms; undefined when it does not. */
  exceededLimitMs?: number | undefined;
}

/**
 * The health of the service and of the ingestor.
 *
 * @param since when a condition of this service was first detected (ISO 8601, UTC)
 */
export function statusOf(input: StatusInput, since: (code: OwnCode) => string): Status {
  const { served, runs } = input;
  const reports = runs.filter(isReport);
  const details = detailsOf(input);
  const own: Condition[] = OWN_CODES.flatMap((code) => {
    const detail = details.get(code);
    if (detail === undefined) return [];
    const { level, clears } = OWN_CONDITIONS[code];
    return [{ code, level, detail, since: since(code), clears }];
  });
  const all = [...own, ...(input.ingestorConditions ?? [])];
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
    confirmed_at: input.confirmedAt === undefined ? null : new Date(input.confirmedAt).toISOString(),
    rejects: served?.rejects_snapshot.rows ?? 0,
  };
}

/** The details of the conditions of this service, by code. */
function detailsOf(input: StatusInput): Map<OwnCode, string> {
  const details = new Map<OwnCode, string>();
  const set = (code: OwnCode, detail: string) => details.set(code, `${detail} ${served}`.trim());
  const served = input.served ? `Generation ${input.served.generation} is still served.` : '';
  if (input.isDamaged) {
    set(
      'damaged',
      'The database was damaged and was set aside. The published data set is being loaded again.',
    );
  } else if (!input.served && !input.isOtherDefinition) {
    set('no_data_set', 'There is no data set yet: the first run has not published one.');
  }
  // An ingestor of an earlier version reports no conditions. The last run replaces them.
  const last = input.ingestorConditions ? undefined : input.runs.find(isReport);
  if (last?.status === 'failed') {
    details.set('run_failed', `The last run failed: ${last.error ?? 'the cause is not known.'}`);
  }
  if (input.loadFault !== undefined) {
    set('not_loaded', `The published data set cannot be read or loaded: ${input.loadFault}.`);
  }
  if (input.exceededLimitMs !== undefined && input.confirmedAt !== undefined) {
    const since = new Date(input.confirmedAt).toISOString();
    const minutes = input.exceededLimitMs / 60_000;
    set(
      'data_too_old',
      `No run has confirmed the served data since ${since}: more than ${minutes} minutes (FRESHNESS_LIMIT_MINUTES).`,
    );
  }
  if (input.accessFault !== undefined) {
    details.set(
      'tokens_not_reloaded',
      `The token list before stays valid: ${input.accessFault.replaceAll(/\s+/g, ' ')}`,
    );
  }
  if (!input.busAnswers) {
    set(
      'event_bus_away',
      'NATS does not answer. The service checks for new data every 30 seconds; runs cannot be requested.',
    );
  } else if (input.ingestor === 'absent') {
    set(
      'ingestor_silent',
      'The ingestor does not answer: nothing subscribes to its requests. No file is ingested.',
    );
  } else if (input.ingestor === 'hangs') {
    set('ingestor_silent', 'The ingestor does not answer in time, although NATS does.');
  }
  if (input.busAnswers && input.missingStreams.length > 0) {
    set(
      'streams_missing',
      `NATS has no stream ${input.missingStreams.join(', ')} yet. The ingestor creates it; until then, earlier runs are not listed.`,
    );
  }
  return details;
}
