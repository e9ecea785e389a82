import { type Manifest, rejectsSnapshotKey, snapshotKey } from '@landfall/contracts/dataset/manifest';
import { type BucketEvent, bucketEvent } from '@landfall/contracts/messages/bucket-event';
import {
  type DatasetUpdated,
  datasetUpdated,
  type IngestorAlive,
  type RunAccepted,
  type RunRequest,
} from '@landfall/contracts/messages/events';
import { noCounts, type RunProgress, type RunReport } from '@landfall/contracts/messages/run';
import { EXAMPLE_REPORT } from '@landfall/query/http/openapi/example-answers';

const VERSION = '5f2d3f4c1a0b9e8d7c6b5a49382716050f1e2d3c4b5a69788796a5b4c3d2e1f0';
const TIME = '2026-06-01T12:00:00.000Z';
const ETAG = '9b2cf535f27731c974343645a3985328';
const object = (key: string, size: number, rows: number) => ({
  key,
  size,
  etag: ETAG,
  rows,
  sha256: VERSION,
});

const MANIFEST: Manifest = {
  generation: 7,
  version: VERSION,
  created_at: TIME,
  rows: 120,
  snapshot: object(snapshotKey(7, VERSION), 5_120, 120),
  output: object('output.csv', 5_120, 120),
  rejects_snapshot: object(rejectsSnapshotKey(7, VERSION), 55, 0),
  rejects: object('rejects.csv', 55, 0),
};
const run = { run_id: '0d5c1f0e-6f5b-4e0c-9a3e-2f1d7c8b9a10', trigger: 'bucket', started_at: TIME } as const;
const counts = { ...noCounts(), fetched: 1, added: 1, written: 4 };

/** An example of every message on NATS, as the services make them. */
export const EXAMPLES = {
  datasetUpdated: datasetUpdated(MANIFEST, counts) satisfies DatasetUpdated,
  runRequest: { force: true } satisfies RunRequest,
  runAccepted: { run_id: run.run_id } satisfies RunAccepted,
  ingestorAlive: { alive: true, conditions: [] } satisfies IngestorAlive,
  runProgress: {
    ...run,
    status: 'running',
    phase: 'fetch',
    done: 500,
    total: 2_000,
    rate: 1_000,
    remaining_ms: 1_500,
  } satisfies RunProgress,
  runReport: {
    ...EXAMPLE_REPORT,
    ...run,
    ...counts,
  } satisfies RunReport,
  bucketEvent: bucketEvent('src-data', ['ada.csv']) satisfies BucketEvent,
};
