import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { USERS } from '@landfall/contracts/dataset/users';
import { BUCKET_EVENTS, parseBucketEvent } from '@landfall/contracts/messages/bucket-event';
import {
  DATASET_UPDATED,
  INGEST_ALIVE,
  INGEST_PROGRESS_ALL,
  INGEST_RUN,
  parseDatasetUpdated,
  parseIngestorAlive,
  parseRun,
  parseRunAccepted,
  parseRunRequest,
} from '@landfall/contracts/messages/events';
import { isReport } from '@landfall/contracts/messages/run';
import { startIngestor } from '@landfall/ingestor/start';
import { makeLogger } from '@landfall/process/logger';
import { openPorts } from '@landfall/standalone/ports';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import t from 'tap';
import { parse } from 'yaml';
import { makeFolder } from './_serve-definition.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TEXT = fs.readFileSync(path.join(ROOT, 'docs/asyncapi.yaml'), 'utf8');
const DOCUMENT = parse(TEXT);
const HEADER = 'first_name, last_name, birthts\n';

/** Checks values against the payload of a message in the document. */
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(DOCUMENT, 'asyncapi');
const faultsOf = (message: string, value: unknown) => {
  const validate = ajv.getSchema(`asyncapi#/components/messages/${message}/payload`);
  if (!validate) throw new Error(`no message ${message}`);
  // As it travels: JSON.
  return validate(JSON.parse(JSON.stringify(value))) ? [] : validate.errors;
};

t.test('docs/asyncapi.yaml is what the code writes', async (t) => {
  const file = path.join(makeFolder(t, {}), 'asyncapi.yaml');
  await promisify(execFile)(process.execPath, [path.join(ROOT, 'scripts/make-asyncapi.ts'), file]);
  t.ok(fs.readFileSync(file, 'utf8') === TEXT, 'else run: npx pnpm@12.21.0 run asyncapi');
});

t.test('it is a valid AsyncAPI 3.0 document, with a valid example of every message', async (t) => {
  const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  const validate = new Ajv({ strict: false, allErrors: true, logger: false }).compile(schema);
  t.ok(validate(DOCUMENT), JSON.stringify(validate.errors?.slice(0, 3)));
  t.notOk(validate({ ...DOCUMENT, channels: [] }), 'the schema checks something');

  const addresses: string[] = Object.values<{ address: string | null }>(DOCUMENT.channels).flatMap(
    ({ address }) => address ?? [],
  );
  const subjects = [BUCKET_EVENTS, DATASET_UPDATED, INGEST_ALIVE, INGEST_PROGRESS_ALL, INGEST_RUN];
  t.same(addresses.map((each) => each.replace('{run_id}', '*')).sort(), subjects.sort());
  const messages = Object.entries<{ examples: { payload: unknown }[] }>(DOCUMENT.components.messages);
  for (const [name, { examples }] of messages) {
    for (const { payload } of examples) t.same(faultsOf(name, payload), [], `the example of ${name}`);
    t.ok(examples.length > 0);
  }
});

t.test('the messages of a running ingestor are as described', async (t) => {
  const folder = makeFolder(t, { '1.csv': `${HEADER}Ada, Lovelace, 5\n`, '2.csv': 'broken\n' });
  const log = makeLogger('test', 'silent');
  const buckets = { SOURCE_BUCKET: 'source', PROCESSED_BUCKET: 'processed' };
  const { store, bus, enableNotifications, close } = await openPorts(
    { DATA_DIR: folder, ...buckets, definition: USERS },
    log,
  );
  t.teardown(close);
  const seen: [message: string, value: unknown][] = [];
  bus.subscribe(DATASET_UPDATED, (value) => seen.push(['datasetUpdated', parseDatasetUpdated(value)]));
  bus.subscribe(INGEST_PROGRESS_ALL, (value) => {
    const run = parseRun(value);
    seen.push([isReport(run) ? 'runReport' : 'runProgress', run]);
  });
  const changed = new Promise<void>((resolve) => {
    bus.subscribe(BUCKET_EVENTS, (value) => {
      parseBucketEvent(value, 'source');
      seen.push(['bucketEvent', value]);
      resolve();
    });
  });
  const ingestor = startIngestor({
    definition: USERS,
    ...{ store, bus, log, clock: Date.now },
    ...{ sourceBucket: 'source', processedBucket: 'processed', stateDir: path.join(folder, 'state') },
    ...{ fetchConcurrency: 8, keepGenerations: 3, everyMs: 3_600_000 },
  });
  t.teardown(() => ingestor.stop());
  await ingestor.firstRun;
  await enableNotifications();
  fs.writeFileSync(path.join(folder, 'source', '3.csv'), `${HEADER}Alan, Turing, 5\n`);
  await changed;
  const request = parseRunRequest({ force: false });
  seen.push(['runRequest', request]);
  seen.push(['runAccepted', parseRunAccepted(await bus.request(INGEST_RUN, request, 5_000))]);
  seen.push(['ingestorAlive', parseIngestorAlive(await bus.request(INGEST_ALIVE, {}, 5_000))]);

  for (const [message, value] of seen) t.same(faultsOf(message, value), [], message);
  const names = Object.keys(DOCUMENT.components.messages).filter((name) => name !== 'aliveRequest');
  t.same([...new Set(seen.map(([name]) => name))].sort(), names.sort(), 'each of them');
  t.match(faultsOf('runAccepted', {}), [{ keyword: 'required' }], 'the check can fail');
});
