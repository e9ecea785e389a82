import t from 'tap';
import {
  deltaKey,
  generationOf,
  type Manifest,
  parseManifest,
  rejectsSnapshotKey,
  snapshotKey,
} from '../dataset/manifest.ts';
import { datasetUpdated, parseDatasetUpdated, parseRun, parseRunAccepted } from './events.ts';
import { noCounts } from './run.ts';

const VERSION = 'ab'.repeat(32);
const object = (key: string) => ({ key, size: 10, etag: 'e', rows: 1 });
const manifest: Manifest = {
  generation: 7,
  version: VERSION,
  created_at: '2026-01-02T03:04:05.678Z',
  rows: 1,
  snapshot: object(snapshotKey(7, VERSION)),
  output: object('output.csv'),
  rejects_snapshot: object(rejectsSnapshotKey(7, VERSION)),
  rejects: object('rejects.csv'),
};
const delta = {
  ...object(deltaKey(7, VERSION)),
  sha256: 'cd'.repeat(32),
  base: { generation: 6, version: 'ef'.repeat(32) },
};
const parse = (value: unknown) => parseManifest(Buffer.from(JSON.stringify(value)));

t.test('a manifest round-trips', async (t) => {
  t.same(parse(manifest), manifest);
  t.same(parse({ ...manifest, delta }), { ...manifest, delta });
  t.same(parse({ ...manifest, more: 'of a later version' }).generation, 7, 'members to come are no error');
});

t.test('an invalid manifest is an error', async (t) => {
  const { snapshot: _, ...withoutSnapshot } = manifest;
  for (const [what, value] of [
    ['null', null],
    ['an array', []],
    ['a generation of 0', { ...manifest, generation: 0 }],
    ['a generation that is no integer', { ...manifest, generation: 1.5 }],
    ['a version that is no SHA-256', { ...manifest, version: 'abc' }],
    ['a date that is none', { ...manifest, created_at: 'yesterday' }],
    ['no snapshot', withoutSnapshot],
    ['a delta without a base', { ...manifest, delta: object(deltaKey(7, VERSION)) }],
    ['a negative number of rows', { ...manifest, rows: -1 }],
  ] as const) {
    t.throws(() => parse(value), { name: 'ManifestError' }, what);
  }
  t.throws(() => parseManifest(Buffer.from('{')), { name: 'ManifestError' }, 'not JSON');
  t.throws(() => parseManifest(Buffer.from([0xff, 0xfe])), { name: 'ManifestError' }, 'not UTF-8');
});

t.test('the generation is parsed from the key of a snapshot or delta', async (t) => {
  for (const [key, generation] of [
    [snapshotKey(7, VERSION), 7],
    [rejectsSnapshotKey(12, VERSION), 12],
    [deltaKey(7, VERSION), 7],
    ['datasets/notes.txt', undefined],
    [`datasets/7-${VERSION}.csv.bak`, undefined],
    [`other/7-${VERSION}.csv`, undefined],
  ] as const) {
    t.equal(generationOf(key), generation, key);
  }
});

t.test('the event is a CloudEvent with the manifest', async (t) => {
  const event = datasetUpdated(manifest, noCounts());
  t.match(event, {
    specversion: '1.0',
    id: `7-${VERSION}`,
    type: 'dataset.updated',
    data: { ...manifest, counts: noCounts() },
  });
  t.same(parseDatasetUpdated(JSON.parse(JSON.stringify(event))), event);
  t.same(parseDatasetUpdated(datasetUpdated(manifest, null)).data.counts, null);
  t.throws(() => parseDatasetUpdated({ ...event, data: {} }), { name: 'MessageError' });
  t.throws(() => parseDatasetUpdated('hello'), { name: 'MessageError' });
});

t.test('a run message is progress or a report', async (t) => {
  const run = { run_id: 'r', trigger: 'start', started_at: manifest.created_at };
  const progress = {
    ...run,
    status: 'running',
    phase: 'fetch',
    done: 1,
    total: 2,
    rate: 0.5,
    remaining_ms: 2_000,
  };
  const report = {
    ...run,
    ...noCounts(),
    status: 'succeeded',
    published: true,
    generation: 7,
    version: VERSION,
    finished_at: manifest.created_at,
    duration_ms: 5,
    error: null,
  };
  for (const good of [
    progress,
    { ...progress, total: null },
    report,
    { ...report, status: 'failed', error: 'why' },
    { ...report, error_code: null },
    { ...report, status: 'failed', error: 'why', error_code: 'leadership_lost' },
  ]) {
    t.same(parseRun(good), good);
  }
  for (const [what, bad] of [
    ['neither', run],
    ['an unknown trigger', { ...report, trigger: 'whim' }],
    ['an unknown phase', { ...progress, phase: 'lunch' }],
    ['a negative count', { ...report, added: -1 }],
    ['an unknown error code', { ...report, status: 'failed', error: 'why', error_code: 'mood' }],
    ['no error member', { ...report, error: undefined }],
  ] as const) {
    t.throws(() => parseRun(bad), { name: 'MessageError' }, what);
  }
  t.same(parseRunAccepted({ run_id: 'r' }), { run_id: 'r' });
  t.throws(() => parseRunAccepted({}), { name: 'MessageError' });
});
