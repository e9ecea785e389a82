import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Manifest } from '../dataset/manifest.ts';
import { BUCKET_EVENTS } from './bucket-event.ts';
import { Condition } from './condition.ts';
import { MessageError } from './message-error.ts';
import { Run, RunCounts } from './run.ts';

/** Subject of published generations. Kept on the stream `DATASET`. */
export const DATASET_UPDATED = 'dataset.updated';
/** Request for a run; the reply is a `RunAccepted`. */
export const INGEST_RUN = 'ingest.run';
/** Request for the state of the leading ingestor; the reply is an `IngestorAlive`. */
export const INGEST_ALIVE = 'ingest.alive';
/** Subjects of the progress of runs; the last message of a run is its report. Kept on the stream `RUNS`. */
export const INGEST_PROGRESS_ALL = 'ingest.progress.*';
export const ingestProgress = (runId: string): string => `ingest.progress.${runId}`;

const DAY_MS = 86_400_000;

/** The streams of the bus, with their limits. */
export const STREAMS = [
  {
    name: 'DATASET',
    subject: DATASET_UPDATED,
    maxMessages: 1_000,
    maxPerSubject: 1_000,
    maxAgeMs: 30 * DAY_MS,
  },
  // One message per subject: of each run only the last message stays, its report.
  { name: 'RUNS', subject: INGEST_PROGRESS_ALL, maxMessages: 200, maxPerSubject: 1, maxAgeMs: 7 * DAY_MS },
  // The next listing finds what is dropped.
  {
    name: 'BUCKET',
    subject: BUCKET_EVENTS,
    maxMessages: 100_000,
    maxPerSubject: 100_000,
    maxAgeMs: DAY_MS,
    isQueue: true,
  },
] as const;

/** A CloudEvents 1.0 envelope (JSON format) with a manifest and the counts of the run that published it. */
export const DatasetUpdated = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Type.String({ description: '`<generation>-<version>`' }),
  source: Type.String(),
  type: Type.Literal(DATASET_UPDATED),
  time: Type.String({ format: 'date-time' }),
  datacontenttype: Type.Literal('application/json'),
  data: Type.Object({ ...Manifest.properties, counts: Type.Union([RunCounts, Type.Null()]) }),
});
export type DatasetUpdated = Static<typeof DatasetUpdated>;

/**
 * Returns the event that announces a manifest.
 *
 * @param counts of the run that published it; null when unknown
 */
export function datasetUpdated(manifest: Manifest, counts: RunCounts | null): DatasetUpdated {
  return {
    specversion: '1.0',
    id: `${manifest.generation}-${manifest.version}`,
    source: '/landfall/ingestor',
    type: DATASET_UPDATED,
    time: manifest.created_at,
    datacontenttype: 'application/json',
    data: { ...manifest, counts },
  };
}

/** A request on `ingest.run`; it may be empty. */
export const RunRequest = Type.Object(
  {
    force: Type.Optional(
      Type.Boolean({
        description: 'apply the removals that the removal guard holds back',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RunRequest = Static<typeof RunRequest>;

/** The reply to `ingest.run`. */
export const RunAccepted = Type.Object({ run_id: Type.String() });
export type RunAccepted = Static<typeof RunAccepted>;

/** The reply to `ingest.alive`. Earlier versions reply without `conditions`. */
export const IngestorAlive = Type.Object({
  alive: Type.Literal(true),
  conditions: Type.Optional(Type.Array(Condition, { description: 'current conditions, the worst first' })),
});
export type IngestorAlive = Static<typeof IngestorAlive>;

export const parseDatasetUpdated = parser(DatasetUpdated, DATASET_UPDATED);
export const parseRun = parser(Run, INGEST_PROGRESS_ALL);
export const parseRunRequest = parser(RunRequest, INGEST_RUN);
export const parseRunAccepted = parser(RunAccepted, INGEST_RUN);
export const parseIngestorAlive = parser(IngestorAlive, INGEST_ALIVE);

function parser<Schema extends TSchema>(schema: Schema, subject: string): (value: unknown) => Static<Schema> {
  const is = Compile(schema);
  return (value) => {
    if (is.Check(value)) return value;
    throw new MessageError(`a message on ${subject} is not valid: ${is.Errors(value)[0]?.message ?? ''}`);
  };
}
