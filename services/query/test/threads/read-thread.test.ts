import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoppedError } from '@landfall/concurrency/stoppable';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
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
  openReadThread({ definition: DEFINITION, databaseFile, scanLimits, onDamage: () => undefined });

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

t.test('many read at once, and each gets what they asked for', async (t) => {
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

t.test('no more than some pieces are read ahead of whoever takes them', async (t) => {
  const { file, db, one, two } = await setUp(t.testdir());
  const thread = open(file);
  const reading = thread.read(allRows(one));
  await reading.next();
  // Who reads meanwhile is through all of it: had the first gone on by themselves, they would be as well.
  await Array.fromAsync(thread.read(allRows(two)));
  while (pruneVersions(db, DEFINITION, 2));
  await t.rejects(Array.fromAsync(reading), { code: 'generation_gone' });
  await thread.close();
  db.close();
});

t.test('pieces grow, but only so far, whatever a user weighs', async (t) => {
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
    const wanted: SerializedRowsQuery = {
      ...queryOf(made.manifest),
      accessPath: { kind: 'ordered-scan', predicates: [], rowsPerMatch: 1 },
    };
    const pieces = await Array.fromAsync(thread.read(request(wanted)));
    const [bytes, users] = [pieces.map(({ text }) => text.length), pieces.map((piece) => piece.rows)];
    t.equal(users[0], rowsPerRead);
    t.ok(Math.max(...users) > rowsPerRead || name !== 'light', `up to ${Math.max(...users)} users`);
    t.ok(Math.max(...bytes) < 350_000, `up to ${Math.max(...bytes)} bytes`);
  }
  await thread.close();
  db.close();
});

t.test('whoever stops early says so', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const told = t.capture(Worker.prototype, 'postMessage', Worker.prototype.postMessage);
  const tasks = (): ReadTask[] => told().flatMap(({ args: [each] }) => each);
  for await (const { rows } of thread.read(allRows(one))) {
    t.ok(rows > 0);
    break;
  }
  t.equal(usersOf(await Array.fromAsync(thread.read(allRows(one)))).length, COUNT);
  t.match(
    tasks().filter(({ what }) => what === 'stop'),
    [{ id: 1 }],
    'and nobody else does',
  );
  await thread.close();
  db.close();
});

t.test('for who has stopped, nothing more is read', async (t) => {
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

t.test('an error is told with its code, and with what it says', async (t) => {
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

t.test('when the thread ends, those who read are told, and the next get another one', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const elsewhere = path.join(path.dirname(file), 'not-yet.sqlite');
  const thread = open(elsewhere);
  const [first, second] = [thread.read(allRows(one)), thread.read(allRows(one))];
  const told = await Promise.allSettled([first.next(), second.next()]);
  t.match(told, [{ reason: { message: /unable to open/ } }, { reason: { message: /unable to open/ } }]);
  await t.rejects(Array.fromAsync(thread.read(allRows(one))), { message: /unable to open/ });
  db.pragma('wal_checkpoint(TRUNCATE)');
  fs.copyFileSync(file, elsewhere);
  t.equal(usersOf(await Array.fromAsync(thread.read(allRows(one)))).length, COUNT);
  await thread.close();
  db.close();
});

t.test('when it is closed, whoever reads still is told', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const reading = thread.read(allRows(one));
  await reading.next();
  const told = t.capture(Worker.prototype, 'postMessage', Worker.prototype.postMessage);
  await Promise.all([thread.close(), thread.close()]);
  await t.rejects(Array.fromAsync(reading), { message: /closed|ended/ });
  await t.rejects(Array.fromAsync(thread.read(allRows(one))), { message: /closed/ });
  await new Promise(setImmediate);
  const tasks: ReadTask[] = told().flatMap(({ args: [each] }) => each);
  t.same(new Set(tasks.map(({ what }) => what)), new Set(['close']), 'no other thread is begun for it');
  db.close();
  const never = open(file);
  never.setRowCount(COUNT);
  await never.close();
});

/** Whether a message ends a read. */
const isEndOf = (id: number, message: ReadWorkerMessage): boolean =>
  'id' in message && message.id === id && ('isEnd' in message || ('isLast' in message && message.isLast));

/** Reads of which something came from the worker. */
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
  t.test(`reads that nobody waits for any more settle at once, and are not begun (${how})`, async (t) => {
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
      'what was cut short does not pass for a whole result',
    );
    t.equal(thread.isBusy(), false);
    t.equal(usersOf(await Array.fromAsync(thread.read(allRows(one)))).length, COUNT);
    t.equal(begun(), 1);
    await thread.close();
    db.close();
  });
}

t.test('of reads that are stopped behind others, only those of one turn are begun', async (t) => {
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
  // Both have arrived before it begins with the first.
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

t.test('a read that finds nothing for long ends when it is stopped', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const nobody: SerializedRowsQuery = {
    ...queryOf(one),
    accessPath: {
      kind: 'ordered-scan',
      predicates: [{ column: 'birthts', terms: [['<', -1]] }],
      rowsPerMatch: 1,
    },
  };
  const messages = begunReads(t);
  const reading = thread.read(request(nobody));
  const waiting = t.rejects(reading.next(), { name: 'StoppedError' });
  await new Promise(setImmediate);
  t.match(await reading.return(undefined), { done: true });
  await waiting;
  // 2,000 steps would be left: the next read is through before them, and there is no answer to the first.
  t.equal(usersOf(await Array.fromAsync(thread.read(allRows(one, String(100_000 + COUNT - 4))))).length, 4);
  t.equal(messages(), 1);
  await thread.close();
  db.close();
});

t.test('more reads than can be answered soon are refused', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const page = request({ ...queryOf(one), limit: 1 });
  const all = await Promise.allSettled(
    Array.from({ length: 1_500 }, () => Array.fromAsync(thread.read(page))),
  );
  const refused = all.filter(({ status }) => status === 'rejected');
  t.equal(refused.length, 500);
  t.match(refused[0], { reason: { name: 'ApiError', code: 'too_busy' } });
  t.equal(usersOf(await Array.fromAsync(thread.read(page))).length, 1, 'and later ones are not');
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
      scanLimits: SMALL_LIMITS,
      onDamage: (why) => reports.push(why),
    });
    await t.rejects(Array.fromAsync(thread.read(allRows(one))), { code: 'no_data_set' }, what);
    t.match(reports, [/./], what);
    await thread.close();
  }
});
