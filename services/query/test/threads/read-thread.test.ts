import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoppedError } from '@landfall/concurrency/stoppable';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
import { identify } from '@landfall/state-file/file-identity';
import { openStateFile } from '@landfall/state-file/state-file';
import t, { type Test } from 'tap';
import { databaseLayout } from '../../src/database/schema.ts';
import { importGeneration } from '../../src/load/import-generation.ts';
import { pruneVersions } from '../../src/load/prune-versions.ts';
import { openReadThread } from '../../src/read-thread/client.ts';
import type { ReadRequest } from '../../src/read-thread/read-kinds.ts';
import type { ReadTask, ReadWorkerMessage } from '../../src/read-thread/worker.ts';
import { SCAN_LIMITS, type ScanLimits } from '../../src/search/scan-limits.ts';
import type { SerializedRowsQuery } from '../../src/serialize/serialized-rows.ts';
import { asFiles, makeGeneration, usersNamed } from '../support/_generation.ts';
import { BY_USER_ID, usersOf } from '../support/_serialized.ts';

const COUNT = 2_000;
/** A chunk has at most four rows. */
const SMALL_LIMITS: ScanLimits = { indexLookupMaxRows: 0, rowsPerRead: 1, window: { min: 1, max: 1 } };

async function setUp(folder: string) {
  const file = path.join(folder, 'data-set.sqlite');
  const db = openStateFile(file, databaseLayout(DEFINITION), () => undefined);
  const load = async (generation: number, name: string): Promise<Manifest> => {
    const made = makeGeneration(generation, usersNamed(name, COUNT));
    await importGeneration(db, DEFINITION, asFiles(folder, made));
    return made.manifest;
  };
  const one = await load(1, 'one');
  const two = await load(2, 'two');
  return { file, db, one, two };
}

const open = (databaseFile: string, scanLimits = SMALL_LIMITS) =>
  openReadThread({
    definition: DEFINITION,
    databaseFile,
    fileIdentity: identify(databaseFile),
    scanLimits,
    onDamage: () => undefined,
  });

const request = (query: SerializedRowsQuery) => ({ kind: 'rows', query }) satisfies ReadRequest;

const queryOf = (at: Manifest, from?: string): SerializedRowsQuery => ({
  at,
  accessPath: {
    kind: 'ordered-scan',
    predicates: [{ column: 'birthts', terms: [['>=', 0]] }],
    rowsPerMatch: 1,
  },
  order: BY_USER_ID,
  from,
  format: 'json',
  limit: Number.POSITIVE_INFINITY,
});

const allRows = (at: Manifest, from?: string) => request(queryOf(at, from));

t.test('concurrent reads get their own results', async (t) => {
  const { file, db, one, two } = await setUp(t.testdir());
  const thread = open(file);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const read = allRows(i % 2 ? one : two, String(100_000 + COUNT - 10 * i));
      return usersOf(await Array.fromAsync(thread.read(read)));
    }),
  );
  for (const [i, users] of answers.entries()) {
    t.same(users, usersNamed(i % 2 ? 'one' : 'two', COUNT).slice(COUNT - 10 * i));
  }
  await thread.close();
  db.close();
});

t.test('the thread reads only a few parts ahead of the consumer', async (t) => {
  const { file, db, one, two } = await setUp(t.testdir());
  const thread = open(file);
  const reading = thread.read(allRows(one));
  await reading.next();
  // This read completes meanwhile. Without a limit the first one would be complete as well.
  await Array.fromAsync(thread.read(allRows(two)));
  while (pruneVersions(db, DEFINITION, 2));
  await t.rejects(Array.fromAsync(reading), { code: 'generation_gone' });
  await thread.close();
  db.close();
});

t.test('chunks grow up to a size limit, for small and large rows', async (t) => {
  const folder = t.testdir();
  const { file, db } = await setUp(folder);
  const { rowsPerRead } = SCAN_LIMITS;
  const thread = open(file, SCAN_LIMITS);
  for (const [generation, name] of [
    [3, 'light'],
    [4, 'heavy'.repeat(100)],
  ] as const) {
    const made = makeGeneration(generation, usersNamed(name, 20_000));
    await importGeneration(db, DEFINITION, asFiles(folder, made));
    const query: SerializedRowsQuery = {
      ...queryOf(made.manifest),
      accessPath: { kind: 'ordered-scan', predicates: [], rowsPerMatch: 1 },
    };
    const chunks = await Array.fromAsync(thread.read(request(query)));
    const bytes = chunks.map(({ text }) => text.length);
    const rows = chunks.map((chunk) => chunk.rows);
    t.equal(rows[0], rowsPerRead);
    t.ok(Math.max(...rows) > rowsPerRead || name !== 'light', `up to ${Math.max(...rows)} rows`);
    t.ok(Math.max(...bytes) < 350_000, `up to ${Math.max(...bytes)} bytes`);
  }
  await thread.close();
  db.close();
});

t.test('a consumer that stops early sends a stop', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const sent = t.capture(Worker.prototype, 'postMessage', Worker.prototype.postMessage);
  const tasks = (): ReadTask[] => sent().flatMap(({ args: [each] }) => each);
  for await (const { rows } of thread.read(allRows(one))) {
    t.ok(rows > 0);
    break;
  }
  t.equal(usersOf(await Array.fromAsync(thread.read(allRows(one)))).length, COUNT);
  t.match(
    tasks().filter(({ what }) => what === 'stop'),
    [{ id: 1 }],
    'a complete read sends none',
  );
  await thread.close();
  db.close();
});

t.test('a stopped read reads nothing more', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const worker = new Worker(new URL('../../src/read-thread/worker.ts', import.meta.url), {
    workerData: { definition: DEFINITION, databaseFile: file, scanLimits: SMALL_LIMITS },
  });
  const pieces = new Map<number, number>();
  const tell = (tasks: ReadTask[]) => worker.postMessage(tasks);
  const until = (isEnough: (message: ReadWorkerMessage) => boolean) =>
    new Promise<void>((resolve) => {
      const hear = (answers: ReadWorkerMessage[]) => {
        for (const answer of answers) {
          if ('part' in answer) pieces.set(answer.id, (pieces.get(answer.id) ?? 0) + 1);
        }
        if (!answers.some(isEnough)) return;
        worker.off('message', hear);
        resolve();
      };
      worker.on('message', hear);
    });
  const [first, second] = [1, 2];
  const hasTwo = until(() => pieces.get(first) === 2);
  tell([{ what: 'call', id: first, call: allRows(one) }]);
  await hasTwo;
  const isThrough = until((message) => isEndOf(second, message));
  tell([
    { what: 'stop', id: first },
    { what: 'more', id: first },
    { what: 'call', id: second, call: request({ ...queryOf(one), limit: 1 }) },
  ]);
  await isThrough;
  t.equal(pieces.get(first), 2);
  const exit = once(worker, 'exit');
  tell([{ what: 'close' }]);
  await exit;
  db.close();
});

t.test('an error arrives with its code and message', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const gone = { ...one, generation: 7 };
  await t.rejects(Array.fromAsync(thread.read(allRows(gone))), {
    code: 'generation_gone',
    message: /Generation 7 /,
  });
  const order = { column: 'last_name', descending: false } as const;
  await t.rejects(Array.fromAsync(thread.read(request({ ...queryOf(one, 'nobody'), order }))), {
    code: 'bad_parameter',
    more: { parameters: ['cursor'] },
  });
  db.exec('DROP TABLE __rows');
  await t.rejects(Array.fromAsync(thread.read(allRows(one))), { message: /no such table/ });
  await thread.close();
  db.close();
});

t.test('when the thread ends, pending reads fail, and the next read starts another thread', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  db.pragma('wal_checkpoint(TRUNCATE)');
  const elsewhere = path.join(path.dirname(file), 'elsewhere.sqlite');
  fs.copyFileSync(file, elsewhere);
  const thread = open(elsewhere);
  fs.renameSync(elsewhere, `${elsewhere}.away`);
  const [first, second] = [thread.read(allRows(one)), thread.read(allRows(one))];
  const told = await Promise.allSettled([first.next(), second.next()]);
  t.match(told, [{ reason: { code: 'no_data_set' } }, { reason: { code: 'no_data_set' } }]);
  await t.rejects(Array.fromAsync(thread.read(allRows(one))), { code: 'no_data_set' });
  fs.renameSync(`${elsewhere}.away`, elsewhere);
  t.equal(usersOf(await Array.fromAsync(thread.read(allRows(one)))).length, COUNT);
  await thread.close();
  db.close();
});

t.test('pending reads fail when the thread is closed', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const reading = thread.read(allRows(one));
  await reading.next();
  const sent = t.capture(Worker.prototype, 'postMessage', Worker.prototype.postMessage);
  await Promise.all([thread.close(), thread.close()]);
  await t.rejects(Array.fromAsync(reading), { message: /closed|ended/ });
  await t.rejects(Array.fromAsync(thread.read(allRows(one))), { message: /closed/ });
  await new Promise(setImmediate);
  const tasks: ReadTask[] = sent().flatMap(({ args: [each] }) => each);
  t.same(new Set(tasks.map(({ what }) => what)), new Set(['close']), 'no other thread is started');
  db.close();
  const never = open(file);
  never.setRowCount(COUNT);
  await never.close();
});

/** Whether a message ends a read. */
const isEndOf = (id: number, message: ReadWorkerMessage): boolean =>
  'id' in message && message.id === id && ('isEnd' in message || ('isLast' in message && message.isLast));

/** The number of reads of which a part has arrived. */
function begunReads(t: Test): () => number {
  const emitted = t.capture(Worker.prototype, 'emit', Worker.prototype.emit);
  const begun = new Set<number>();
  return () => {
    for (const { args } of emitted()) {
      const [event, messages] = args as [string, ReadWorkerMessage[]];
      if (event !== 'message' || !Array.isArray(messages)) continue;
      for (const message of messages) if ('part' in message) begun.add(message.id);
    }
    return begun.size;
  };
}

for (const how of ['return', 'signal'] as const) {
  t.test(`stopped reads settle at once and are not started (${how})`, async (t) => {
    const { file, db, one } = await setUp(t.testdir());
    const thread = open(file);
    const begun = begunReads(t);
    const gone = new AbortController();
    const readings = Array.from({ length: 400 }, () => thread.read(allRows(one), gone.signal));
    const settled = Promise.allSettled(readings.map((reading) => reading.next()));
    if (how === 'signal') gone.abort();
    else await Promise.all(readings.map((reading) => reading.return(undefined)));
    const reasons = (await settled).map((each) => 'reason' in each && each.reason);
    t.ok(
      reasons.every((reason) => reason instanceof StoppedError),
      'a stopped read does not look like a complete one',
    );
    t.equal(thread.isBusy(), false);
    t.equal(usersOf(await Array.fromAsync(thread.read(allRows(one)))).length, COUNT);
    t.equal(begun(), 1);
    await thread.close();
    db.close();
  });
}

t.test('of many stopped reads, only those of one tick have started', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const worker = new Worker(new URL('../../src/read-thread/worker.ts', import.meta.url), {
    workerData: { definition: DEFINITION, databaseFile: file, scanLimits: SMALL_LIMITS },
  });
  const begun = new Set<number>();
  const ids = Array.from({ length: 400 }, (_, i) => i + 1);
  const isThrough = new Promise<void>((resolve) => {
    worker.on('message', (messages: ReadWorkerMessage[]) => {
      for (const message of messages) {
        if ('part' in message) begun.add(message.id);
        if (isEndOf(0, message)) resolve();
      }
    });
  });
  // Both messages arrive before the worker starts the first read.
  worker.postMessage(ids.map((id) => ({ what: 'call', id, call: allRows(one) })));
  worker.postMessage(ids.map((id) => ({ what: 'stop', id })));
  worker.postMessage([{ what: 'call', id: 0, call: request({ ...queryOf(one), limit: 1 }) }]);
  await isThrough;
  begun.delete(0);
  t.ok(begun.size <= 4, `${begun.size} of 400`);
  const exit = once(worker, 'exit');
  worker.postMessage([{ what: 'close' }]);
  await exit;
  db.close();
});

t.test('a read that finds no rows ends when it is stopped', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const noRows: SerializedRowsQuery = {
    ...queryOf(one),
    accessPath: {
      kind: 'ordered-scan',
      predicates: [{ column: 'birthts', terms: [['<', -1]] }],
      rowsPerMatch: 1,
    },
  };
  const messages = begunReads(t);
  const reading = thread.read(request(noRows));
  const waiting = t.rejects(reading.next(), { name: 'StoppedError' });
  await new Promise(setImmediate);
  t.match(await reading.return(undefined), { done: true });
  await waiting;
  // Without the stop, 2,000 steps would be left. The next read completes before, and the first one sends nothing.
  t.equal(usersOf(await Array.fromAsync(thread.read(allRows(one, String(100_000 + COUNT - 4))))).length, 4);
  t.equal(messages(), 1);
  await thread.close();
  db.close();
});

t.test('reads above the limit of waiting reads are refused', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const page = request({ ...queryOf(one), limit: 1 });
  const all = await Promise.allSettled(
    Array.from({ length: 1_500 }, () => Array.fromAsync(thread.read(page))),
  );
  const refused = all.filter(({ status }) => status === 'rejected');
  t.equal(refused.length, 500);
  t.match(refused[0], { reason: { name: 'ApiError', code: 'too_busy' } });
  t.equal(usersOf(await Array.fromAsync(thread.read(page))).length, 1, 'later reads are accepted');
  await thread.close();
  db.close();
});

t.test('damage that the thread finds is reported', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  const damaged = path.join(path.dirname(file), 'damaged.sqlite');
  const bytes = fs.readFileSync(file);
  for (const [what, from] of [
    ['from its second page on', 4_096],
    ['as a whole', 0],
  ] as const) {
    fs.writeFileSync(
      damaged,
      Buffer.concat([bytes.subarray(0, from), Buffer.alloc(bytes.length - from, 0x5a)]),
    );
    const reports: string[] = [];
    const thread = openReadThread({
      definition: DEFINITION,
      databaseFile: damaged,
      fileIdentity: identify(damaged),
      scanLimits: SMALL_LIMITS,
      onDamage: (why) => reports.push(why),
    });
    await t.rejects(Array.fromAsync(thread.read(allRows(one))), { code: 'no_data_set' }, what);
    t.match(reports, [/./], what);
    await thread.close();
  }
});
