import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
import { STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { directoryStore } from '@landfall/object-store/directory-store';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import { makeLogger } from '@landfall/process/logger';
import { identify } from '@landfall/state-file/file-identity';
import { checkStructure, openStateFile } from '@landfall/state-file/state-file';
import t, { type Test } from 'tap';
import { until } from '../../../../test/_stack.ts';
import { databaseLayout } from '../../src/database/schema.ts';
import type { Status } from '../../src/monitoring/health-status.ts';
import { startQuery } from '../../src/start.ts';
import { makeGeneration, publishTo, usersNamed } from '../support/_generation.ts';

// These tests mostly wait.
t.jobs = 4;

const PAGE = 4096;
/** Enough for several hundred pages. */
const USERS = 5_000;
const made = makeGeneration(7, usersNamed('served', USERS));

/** The state folder of a query service that has loaded the generation and was stopped. */
let loadedState: Promise<string> | undefined;

/** A bucket with one generation, and query services that use it one after the other with the same state folder. */
async function setUp(t: Test) {
  const root = t.testdir({ 'processed-data': {} });
  const store = directoryStore(root);
  await publishTo(store, 'processed-data', made);
  const file = path.join(root, 'state', 'data-set.sqlite');
  async function start(over: ObjectStore = store) {
    const query = await startQuery({
      store: over,
      bus: inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) }),
      processedBucket: 'processed-data',
      stateDir: path.dirname(file),
      host: '127.0.0.1',
      port: 0,
      keepGenerations: 10,
      runWaitMs: 1_000,
      generationWaitMs: 1_000,
      cacheBytes: 0,
      clock: Date.now,
      log: makeLogger('test', 'silent'),
    });
    let stopped: Promise<void> | undefined;
    const stop = () => (stopped ??= query.stop());
    t.teardown(stop);
    return { ...query, stop };
  }
  /** Starts from the state of a service that has loaded the generation, without the time that it takes. */
  async function copyLoadedState(): Promise<void> {
    loadedState ??= loadOnce();
    fs.cpSync(await loadedState, path.dirname(file), { recursive: true });
  }
  async function loadOnce(): Promise<string> {
    const query = await start();
    await query.syncNow();
    await query.stop();
    const state = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-damage-'));
    process.once('exit', () => fs.rmSync(state, { recursive: true, force: true }));
    fs.cpSync(path.dirname(file), state, { recursive: true });
    return state;
  }
  return { store, file, start, copyLoadedState, asides: () => damagedIn(path.dirname(file)) };
}

const damagedIn = (folder: string): string[] =>
  fs.readdirSync(folder).filter((name) => /^data-set\.sqlite\.damaged-[^-]+$/.test(name));

/** The number of users that are served complete, or the code of the problem. */
async function served({ address }: { address: string }): Promise<number | string> {
  const response = await fetch(`${address}/data`);
  const body: { last_name: string }[] | { code: string } = JSON.parse(await response.text());
  if (!Array.isArray(body)) return `${response.status} ${body.code}`;
  return body.filter(({ last_name: name }) => name === 'served').length;
}

async function statusOf({ address }: { address: string }): Promise<Status> {
  return JSON.parse(await (await fetch(`${address}/status`)).text());
}

const codesOf = ({ reasons }: Status): string[] => reasons.map(({ code }) => code);

/** Waits until the damage was found, and all rows are served again. */
async function healed(query: { address: string }, asides: () => string[]): Promise<void> {
  await until(
    'an aside',
    async () => asides().length,
    (count) => count > 0,
  );
  await until(
    'users',
    () => served(query).catch(String),
    (users) => users === USERS,
  );
  await until(
    'sound',
    () => statusOf(query),
    (status) => !codesOf(status).includes('damaged'),
  );
}

function overwrite(file: string, at: number, bytes: Buffer): void {
  const descriptor = fs.openSync(file, 'r+');
  fs.writeSync(descriptor, bytes, 0, bytes.length, at);
  fs.closeSync(descriptor);
}

const random = (length: number): Buffer => {
  // The same bytes in each run of the test.
  let seed = 42;
  return Buffer.from(
    Array.from({ length }, () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed >> 16;
    }),
  );
};

const AT_REST: Record<string, (file: string) => void> = {
  'pages 2 to 20 zeroed': (file) => overwrite(file, PAGE, Buffer.alloc(19 * PAGE)),
  'pages in the middle zeroed': (file) => overwrite(file, 60 * PAGE, Buffer.alloc(20 * PAGE)),
  'random bytes': (file) => overwrite(file, 10 * PAGE, random(80 * PAGE)),
  'random bytes from the beginning': (file) => overwrite(file, 0, random(10 * PAGE)),
  'truncated in the middle': (file) => fs.truncateSync(file, 50 * PAGE + 7),
  'a folder in its place': (file) => {
    fs.rmSync(file);
    fs.mkdirSync(file);
  },
  'a foreign database with our version': (file) => {
    fs.rmSync(file);
    const layout = { ...databaseLayout(DEFINITION), schema: 'CREATE TABLE other (x)' };
    openStateFile(file, layout, () => undefined).close();
  },
  'an invalid manifest in it': (file) => {
    const db = openStateFile(file, databaseLayout(DEFINITION), () => undefined);
    db.exec("UPDATE __generations SET manifest = '{}'");
    db.close();
  },
};

for (const [what, harm] of Object.entries(AT_REST)) {
  t.test(`damaged while it is stopped: ${what}`, { buffered: true }, async (t) => {
    const { file, start, copyLoadedState, asides } = await setUp(t);
    await copyLoadedState();
    harm(file);
    const query = await start();
    await healed(query, asides);
    t.equal(await served(query), USERS);
    t.equal(asides().length, 1);
    await query.stop();
    t.doesNotThrow(() => checkStructure(file, identify(file)), 'the new file is sound');
  });
}

const IN_USE: Record<string, (file: string) => void> = {
  'the header overwritten': (file) => overwrite(file, 0, Buffer.alloc(100, 'x')),
  'the file removed': (file) => fs.rmSync(file),
  'all files removed': (file) => {
    for (const suffix of ['', '-wal', '-shm']) fs.rmSync(file + suffix, { force: true });
  },
  'the file replaced by a copy': (file) => {
    fs.copyFileSync(file, `${file}.copy`);
    fs.renameSync(`${file}.copy`, file);
  },
};

for (const [what, harm] of Object.entries(IN_USE)) {
  t.test(`damaged while it is in use: ${what}`, { buffered: true }, async (t) => {
    const { file, store, start, copyLoadedState, asides } = await setUp(t);
    await copyLoadedState();
    // A service that loads nothing: a load would write the header again.
    const query = await start();
    await query.syncNow();
    t.equal(await served(query), USERS);
    harm(file);
    const isThere = async () => (what.includes('removed') ? fs.existsSync(file) : asides().length > 0);
    await until('a new file', isThere, Boolean);
    await until(
      'users',
      () => served(query).catch(String),
      (users) => users === USERS,
    );
    await until(
      'sound',
      () => statusOf(query),
      (status) => !codesOf(status).includes('damaged'),
    );
    t.ok(fs.statSync(file).isFile());
    await publishTo(store, 'processed-data', makeGeneration(8, usersNamed('later', 3)));
    await query.syncNow();
    t.match(await (await fetch(`${query.address}/data`)).text(), 'later', 'later generations are loaded');
  });
}

t.test('nothing is served until the data set is loaded again, and the status says why', async (t) => {
  const { file, store, start } = await setUp(t);
  let isAway = false;
  const open: ObjectStore['open'] = (bucket, key) =>
    isAway ? Promise.reject(new StoreError('unavailable', 'away')) : store.open(bucket, key);
  const query = await start({ ...store, open });
  await query.syncNow();
  isAway = true;
  fs.rmSync(file);
  await until(
    'nothing',
    () => served(query),
    (users) => users === '503 no_data_set',
  );
  const status = await until(
    'not loaded',
    () => statusOf(query),
    (each) => codesOf(each).includes('not_loaded'),
  );
  t.match(status, { level: 'red', reasons: [{ code: 'damaged', level: 'red' }, { code: 'not_loaded' }] });
  for (const { since, clears } of status.reasons) t.ok(Date.parse(since) > 0 && clears);
  isAway = false;
  await query.syncNow();
  t.equal(await served(query), USERS);
  t.notOk(codesOf(await statusOf(query)).includes('damaged'));
});
