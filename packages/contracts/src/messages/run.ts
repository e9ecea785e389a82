import { type Static, Type } from 'typebox';
import { Condition } from './condition.ts';

/** What started a run. */
export const RunTrigger = Type.Enum(['start', 'schedule', 'request', 'bucket']);
export type RunTrigger = Static<typeof RunTrigger>;

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** Counts of a run. */
const counts = {
  listed: count('objects in the listing of the source bucket'),
  fetched: count('record objects that were read'),
  unchanged: count('record objects that had not changed and were not read'),
  added: count('rows that are new'),
  updated: count('rows that changed'),
  removed: count('rows that were removed'),
  rejected: count('record objects that cannot be used: the rows of rejects.csv'),
  orphan_images: count('companion files without a record'),
  written: count('objects written to the processed bucket'),
  // Reports of earlier versions, which the bus keeps for a week, have no `passed_over` and no `held`.
  passed_over: Type.Optional(count('ignored objects: files of tools, and files in trash folders')),
  held: Type.Optional(count('rows without a record object that the removal guard keeps')),
};
export const RunCounts = Type.Object(counts, { title: 'RunCounts' });
export type RunCounts = Static<typeof RunCounts>;

const identity = {
  run_id: Type.String(),
  trigger: RunTrigger,
  started_at: Type.String({
    format: 'date-time',
    description: 'start of the run; of a queued run, the time of the request',
  }),
};

/** The steps of a run, in order. */
export const RunPhase = Type.Enum(['list', 'fetch', 'publish']);
export type RunPhase = Static<typeof RunPhase>;

/** A run that is queued or running. */
export const RunProgress = Type.Object(
  {
    ...identity,
    status: Type.Enum(['queued', 'running']),
    phase: RunPhase,
    done: count('processed items of this phase, of `total`'),
    total: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'items of this phase; null while not known',
    }),
    rate: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
      description: 'items per second in this phase; null while not known',
    }),
    remaining_ms: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'estimated rest of this phase, ms; null while not known',
    }),
  },
  { title: 'RunProgress' },
);
export type RunProgress = Static<typeof RunProgress>;

/**
 * Why a run failed. The first nine are the errors of the object store.
 *
 * - `leadership_lost`: another ingestor leads
 * - `state_unusable`: STATE_DIR cannot be used; `state_damaged`: a state file in it is damaged
 * - `data_set_invalid`: a published data set cannot be parsed
 * - `outcome_unknown`: the query service received no report of the run
 * - `internal`: an unexpected error, with details in the log of the ingestor
 */
export const RunErrorCode = Type.Enum([
  'not_found',
  'bucket_not_found',
  'invalid_key',
  'access_denied',
  'unreadable',
  'outside_bucket',
  'precondition_failed',
  'timeout',
  'unavailable',
  'leadership_lost',
  'state_unusable',
  'state_damaged',
  'data_set_invalid',
  'outcome_unknown',
  'internal',
]);
export type RunErrorCode = Static<typeof RunErrorCode>;

/** The report of a finished run. */
export const RunReport = Type.Object(
  {
    ...identity,
    status: Type.Enum(['succeeded', 'failed']),
    ...counts,
    published: Type.Boolean({ description: 'whether the run published a new generation' }),
    generation: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
      description: 'the published generation; null when there is none or it is not known',
    }),
    version: Type.Union([Type.String(), Type.Null()]),
    finished_at: Type.String({ format: 'date-time' }),
    duration_ms: Type.Integer({ minimum: 0 }),
    error: Type.Union([Type.String(), Type.Null()], {
      description: 'why the run failed, as text; null on success',
    }),
    // Reports of earlier versions have no `error_code`.
    error_code: Type.Optional(
      Type.Union([RunErrorCode, Type.Null()], {
        description: 'why the run failed, for programs; null on success',
      }),
    ),
    conditions: Type.Optional(
      Type.Array(Condition, {
        description: 'active conditions of the ingestor after this run, the worst first',
      }),
    ),
  },
  { title: 'RunReport' },
);
export type RunReport = Static<typeof RunReport>;

/** The state of a run: its progress or its report. */
export const Run = Type.Union([RunProgress, RunReport], { title: 'Run' });
export type Run = Static<typeof Run>;

/** Whether a run is finished. */
export const isReport = (run: Run): run is RunReport => run.status === 'succeeded' || run.status === 'failed';

/** Counts of a run at its start. */
export const noCounts = (): RunCounts => ({
  listed: 0,
  fetched: 0,
  unchanged: 0,
  added: 0,
  updated: 0,
  removed: 0,
  rejected: 0,
  orphan_images: 0,
  written: 0,
  passed_over: 0,
  held: 0,
});
