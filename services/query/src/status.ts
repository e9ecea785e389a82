import type { Manifest } from '@landfall/contracts/manifest';
import { isReport, type Run, type RunReport } from '@landfall/contracts/run';
import { type Static, Type } from 'typebox';

/** What can be wrong, the worst first, and how bad that is: red needs somebody, amber may mend itself. */
const FAULTS = {
  no_data_set: 'red',
  run_failed: 'red',
  not_loaded: 'red',
  ingestor_silent: 'amber',
  event_bus_away: 'amber',
} as const satisfies Record<string, 'red' | 'amber'>;
type FaultCode = keyof typeof FAULTS;

const LEVELS = ['green', 'amber', 'red'] as const;
const CODES = ['no_data_set', 'run_failed', 'not_loaded', 'ingestor_silent', 'event_bus_away'] as const;
const timeOrNull = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });

export const Status = Type.Object(
  {
    level: Type.Enum(LEVELS, { description: 'red: somebody has to look; amber: it may mend itself' }),
    reasons: Type.Array(
      Type.Object({ code: Type.Enum(CODES), detail: Type.String({ description: 'in words' }) }),
      { description: 'what is wrong, the worst first; empty when nothing is' },
    ),
    generation: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], { description: 'that is served' }),
    created_at: timeOrNull('when this generation was made'),
    checked_at: timeOrNull('when a run last succeeded'),
    rejects: Type.Integer({ minimum: 0, description: 'record objects that can’t be used now' }),
  },
  { title: 'Status' },
);
export type Status = Static<typeof Status>;

/** What the status is made of. */
export interface Facts {
  served: Manifest | undefined;
  /** The newest first. */
  runs: readonly Run[];
  /** Whether what is published could not be loaded when it was last looked at. */
  loadFailed: boolean;
  /** Whether an ingestor answers; undefined when that is not known, as while the bus is away. */
  ingestorAnswers: boolean | undefined;
  busConnected: boolean;
}

/** How well it goes, in a colour and in words. */
export function statusOf(facts: Facts): Status {
  const { served } = facts;
  const reports = facts.runs.filter(isReport);
  const told = faultsOf(facts, reports[0]);
  const reasons = CODES.flatMap((code) => {
    const detail = told.get(code);
    return detail === undefined ? [] : [{ code, detail }];
  });
  return {
    level: reasons[0] ? FAULTS[reasons[0].code] : 'green',
    reasons,
    generation: served?.generation ?? null,
    created_at: served?.created_at ?? null,
    checked_at: reports.find(({ status }) => status === 'succeeded')?.finished_at ?? null,
    rejects: served?.rejects_snapshot.rows ?? 0,
  };
}

function faultsOf(facts: Facts, last: RunReport | undefined): Map<FaultCode, string> {
  const faults = new Map<FaultCode, string>();
  const served = facts.served ? `Generation ${facts.served.generation} is served on.` : '';
  if (!facts.served)
    faults.set('no_data_set', 'There is no data set yet: the first run has not published one.');
  if (last?.status === 'failed') {
    faults.set('run_failed', `The last run failed: ${last.error ?? 'it is not known why.'}`);
  }
  if (facts.loadFailed) {
    faults.set('not_loaded', `What is published can’t be read or loaded. ${served}`.trim());
  }
  if (!facts.busConnected) {
    const detail = `NATS is away: new data are looked for every 30 seconds, and no run can be asked for. ${served}`;
    faults.set('event_bus_away', detail.trim());
  } else if (facts.ingestorAnswers === false) {
    faults.set('ingestor_silent', `The ingestor does not answer: no file is taken in. ${served}`.trim());
  }
  return faults;
}
