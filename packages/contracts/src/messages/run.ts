import { type Static, Type } from 'typebox';
import { Condition } from './condition.ts';

/** What started a run. */
export const RunTrigger = Type.Enum(['start', 'schedule', 'request', 'bucket']);
export type RunTrigger = Static<typeof RunTrigger>;

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** What a run did; the same names while it goes on and when it is over. */
const counts = {
  listed: count('objects the listing of the source bucket named'),
  fetched: count('record objects that were read'),
  unchanged: count('record objects that had not changed and were not read'),
  added: count('users that are new'),
  updated: count('users of whom something changed'),
  removed: count('users that are gone'),
  rejected: count('record objects that can’t be used now: the rows of rejects.csv'),
  orphan_images: count('images without a record'),
  written: count('objects written to the processed bucket'),
  // The reports of earlier versions, which the bus keeps for a week, do not have these.
  passed_over: Type.Optional(count('objects that belong to tools and trash folders, not to the data')),
  held: Type.Optional(count('users without a record whose removal the removal guard holds back')),
};
export const RunCounts = Type.Object(counts, { title: 'RunCounts' });
export type RunCounts = Static<typeof RunCounts>;

const identity = {
  run_id: Type.String(),
  trigger: RunTrigger,
  started_at: Type.String({
    format: 'date-time',
    description: 'of one that is queued: when it was asked for',
  }),
};

/** The steps of a run, in order. */
export const RunPhase = Type.Enum(['list', 'fetch', 'publish']);
export type RunPhase = Static<typeof RunPhase>;

/** A run that is asked for and waits for the one before it, or that goes on. */
export const RunProgress = Type.Object(
  {
    ...identity,
    status: Type.Enum(['queued', 'running']),
    phase: RunPhase,
    done: count('of `total` in this phase'),
    total: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'null when not known yet',
    }),
    rate: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
      description: 'a second, in this phase; null when not known yet',
    }),
    remaining_ms: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'what is left of this phase, at this rate; null when not known yet',
    }),
  },
  { title: 'RunProgress' },
);
export type RunProgress = Static<typeof RunProgress>;

/** A run that is over. */
export const RunReport = Type.Object(
  {
    ...identity,
    status: Type.Enum(['succeeded', 'failed']),
    ...counts,
    published: Type.Boolean({ description: 'whether a new generation came of it' }),
    generation: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
      description: 'the generation that is published now, null when none is or it is not known',
    }),
    version: Type.Union([Type.String(), Type.Null()]),
    finished_at: Type.String({ format: 'date-time' }),
    duration_ms: Type.Integer({ minimum: 0 }),
    error: Type.Union([Type.String(), Type.Null()], { description: 'why it failed' }),
    conditions: Type.Optional(
      Type.Array(Condition, { description: 'what is wrong with ingestion after this run, the worst first' }),
    ),
  },
  { title: 'RunReport' },
);
export type RunReport = Static<typeof RunReport>;

/** What is known of a run: how far it is, or its report. */
export const Run = Type.Union([RunProgress, RunReport], { title: 'Run' });
export type Run = Static<typeof Run>;

/** Whether a run is over. */
export const isReport = (run: Run): run is RunReport => run.status === 'succeeded' || run.status === 'failed';

/** Counts of a run that has done nothing yet. */
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
