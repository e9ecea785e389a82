import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
import { openStateFile } from '@landfall/state-file/state-file';
import t, { type Test } from 'tap';
import { databaseLayout } from '../../src/database/schema.ts';
import { StoppedError } from '../../src/database/stoppable-reader.ts';
import { takeOver } from '../../src/load/import-generation.ts';
import { forgetBefore } from '../../src/load/prune-versions.ts';
import { openReadThread } from '../../src/read-thread/client.ts';
import type { Read } from '../../src/read-thread/read-kinds.ts';
import type { ReadAnswer, ReadTask, WorkerMessage } from '../../src/read-thread/worker.ts';
import { type Pace, PACE as REAL_PACE } from '../../src/search/scan-limits.ts';
import { BY_USER_ID } from '../../src/search/sort-order.ts';
import type { Wanted } from '../../src/serialize/serialized-rows.ts';
import { asFiles, makeGeneration, usersNamed } from '../support/_generation.ts';
import { AS_JSON, usersOf } from '../support/_written.ts';

const COUNT = 2_000;
/** A piece has four users at the most. */
const PACE: Pace = { few: 0, atATime: 1, window: { min: 1, max: 1 } };

async function setUp(folder: string) {
  const file = path.join(folder, 'data-set.sqlite');
  const db = openStateFile(file, databaseLayout(DEFINITION), () => undefined);
  const load = async (generation: number, name: string): Promise<Manifest> => {
    const made = makeGeneration(generation, usersNamed(name, COUNT));
    await takeOver(db, asFiles(folder, made));
    return made.manifest;
  };
  const one = await load(1, 'one');
  const two = await load(2, 'two');
  return { file, db, one, two };
}

const open = (databaseFile: string, pace = PACE) =>
  openReadThread({ databaseFile, pace, onDamage: () => undefined });

const asRead = (wanted: Wanted) => ({ kind: 'users', wanted }) satisfies Read;

const wantedOf = (at: Manifest, from?: string): Wanted => ({
  at,
  plan: { way: 'walk', conditions: [{ column: 'birthts', terms: [['>=', 0]] }], tests: 1 },
  order: BY_USER_ID,
  from,
  manner: AS_JSON,
  limit: Number.POSITIVE_INFINITY,
});

const everybody = (at: Manifest, from?: string) => asRead(wantedOf(at, from));

t.test('many read at once, and each gets what they asked for', async (t) => {
  const { file, db, one, two } = await setUp(t.testdir());
  const thread = open(file);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const read = everybody(i % 2 ? one : two, String(100_000 + COUNT - 10 * i));
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
  const reading = thread.read(everybody(one));
  await reading.next();
  // Who reads meanwhile is through all of it: had the first gone on by themselves, they would be as well.
  await Array.fromAsync(thread.read(everybody(two)));
  while (forgetBefore(db, 2));
  await t.rejects(Array.fromAsync(reading), { code: 'generation_gone' });
  await thread.close();
  db.close();
});

t.test('pieces grow, but only so far, whatever a user weighs', async (t) => {
  const folder = t.testdir();
  const { file, db } = await setUp(folder);
  const { atATime } = REAL_PACE;
  const thread = open(file, REAL_PACE);
  for (const [generation, name] of [
    [3, 'light'],
    [4, 'heavy'.repeat(100)],
  ] as const) {
    const made = makeGeneration(generation, usersNamed(name, 20_000));
    await takeOver(db, asFiles(folder, made));
    const wanted: Wanted = { ...wantedOf(made.manifest), plan: { way: 'walk', conditions: [], tests: 1 } };
    const pieces = await Array.fromAsync(thread.read(asRead(wanted)));
    const [bytes, users] = [pieces.map(({ text }) => text.length), pieces.map((piece) => piece.users)];
    t.equal(users[0], atATime);
    t.ok(Math.max(...users) > atATime || name !== 'light', `up to ${Math.max(...users)} users`);
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
  for await (const { users } of thread.read(everybody(one))) {
    t.ok(users > 0);
    break;
  }
  t.equal(usersOf(await Array.fromAsync(thread.read(everybody(one)))).length, COUNT);
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
    workerData: { databaseFile: file, pace: PACE },
  });
  const pieces = new Map<number, number>();
  const tell = (tasks: ReadTask[]) => worker.postMessage(tasks);
  const until = (isEnough: (answer: ReadAnswer) => boolean) =>
    new Promise<void>((resolve) => {
      const hear = (answers: ReadAnswer[]) => {
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
  tell([{ what: 'read', id: first, read: everybody(one) }]);
  await hasTwo;
  const isThrough = until((answer) => answer.id === second && 'isAll' in answer);
  tell([
    { what: 'stop', id: first },
    { what: 'more', id: first },
    { what: 'read', id: second, read: asRead({ ...wantedOf(one), limit: 1 }) },
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
  await t.rejects(Array.fromAsync(thread.read(everybody(gone))), {
    code: 'generation_gone',
    message: /Generation 7 /,
  });
  const order = { column: 'last_name', descending: false } as const;
  await t.rejects(Array.fromAsync(thread.read(asRead({ ...wantedOf(one, 'nobody'), order }))), {
    code: 'bad_parameter',
    more: { parameters: ['cursor'] },
  });
  db.exec('DROP TABLE __rows');
  await t.rejects(Array.fromAsync(thread.read(everybody(one))), { message: /no such table/ });
  await thread.close();
  db.close();
});

t.test('when the thread ends, those who read are told, and the next get another one', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const elsewhere = path.join(path.dirname(file), 'not-yet.sqlite');
  const thread = open(elsewhere);
  const [first, second] = [thread.read(everybody(one)), thread.read(everybody(one))];
  const told = await Promise.allSettled([first.next(), second.next()]);
  t.match(told, [{ reason: { message: /unable to open/ } }, { reason: { message: /unable to open/ } }]);
  await t.rejects(Array.fromAsync(thread.read(everybody(one))), { message: /unable to open/ });
  db.pragma('wal_checkpoint(TRUNCATE)');
  fs.copyFileSync(file, elsewhere);
  t.equal(usersOf(await Array.fromAsync(thread.read(everybody(one)))).length, COUNT);
  await thread.close();
  db.close();
});

t.test('when it is closed, whoever reads still is told', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const reading = thread.read(everybody(one));
  await reading.next();
  const told = t.capture(Worker.prototype, 'postMessage', Worker.prototype.postMessage);
  await Promise.all([thread.close(), thread.close()]);
  await t.rejects(Array.fromAsync(reading), { message: /closed|ended/ });
  await t.rejects(Array.fromAsync(thread.read(everybody(one))), { message: /closed/ });
  await new Promise(setImmediate);
  const tasks: ReadTask[] = told().flatMap(({ args: [each] }) => each);
  t.same(new Set(tasks.map(({ what }) => what)), new Set(['close']), 'no other thread is begun for it');
  db.close();
  const never = open(file);
  never.look(COUNT);
  await never.close();
});

/** Reads of which something came from the worker. */
function begunReads(t: Test): () => number {
  const emitted = t.capture(Worker.prototype, 'emit', Worker.prototype.emit);
  const begun = new Set<number>();
  return () => {
    for (const { args } of emitted()) {
      const [event, messages] = args as [string, WorkerMessage[]];
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
    const readings = Array.from({ length: 400 }, () => thread.read(everybody(one), gone.signal));
    const settled = Promise.allSettled(readings.map((reading) => reading.next()));
    if (how === 'signal') gone.abort();
    else await Promise.all(readings.map((reading) => reading.return(undefined)));
    const reasons = (await settled).map((each) => 'reason' in each && each.reason);
    t.ok(
      reasons.every((reason) => reason instanceof StoppedError),
      'what was cut short does not pass for a whole result',
    );
    t.equal(thread.isBusy(), false);
    t.equal(usersOf(await Array.fromAsync(thread.read(everybody(one)))).length, COUNT);
    t.equal(begun(), 1);
    await thread.close();
    db.close();
  });
}

t.test('of reads that are stopped behind others, only those of one turn are begun', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const worker = new Worker(new URL('../../src/read-thread/worker.ts', import.meta.url), {
    workerData: { databaseFile: file, pace: PACE },
  });
  const begun = new Set<number>();
  const ids = Array.from({ length: 400 }, (_, i) => i + 1);
  const isThrough = new Promise<void>((resolve) => {
    worker.on('message', (messages: WorkerMessage[]) => {
      for (const message of messages) {
        if ('part' in message) begun.add(message.id);
        if ('isAll' in message && message.id === 0) resolve();
      }
    });
  });
  // Both have arrived before it begins with the first.
  worker.postMessage(ids.map((id) => ({ what: 'read', id, read: everybody(one) })));
  worker.postMessage(ids.map((id) => ({ what: 'stop', id })));
  worker.postMessage([{ what: 'read', id: 0, read: asRead({ ...wantedOf(one), limit: 1 }) }]);
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
  const nobody: Wanted = {
    ...wantedOf(one),
    plan: { way: 'walk', conditions: [{ column: 'birthts', terms: [['<', -1]] }], tests: 1 },
  };
  const messages = begunReads(t);
  const reading = thread.read(asRead(nobody));
  const waiting = t.rejects(reading.next(), { name: 'StoppedError' });
  await new Promise(setImmediate);
  t.match(await reading.return(undefined), { done: true });
  await waiting;
  // 2,000 steps would be left: the next read is through before them, and there is no answer to the first.
  t.equal(usersOf(await Array.fromAsync(thread.read(everybody(one, String(100_000 + COUNT - 4))))).length, 4);
  t.equal(messages(), 1);
  await thread.close();
  db.close();
});

t.test('more reads than can be answered soon are refused', async (t) => {
  const { file, db, one } = await setUp(t.testdir());
  const thread = open(file);
  const page = asRead({ ...wantedOf(one), limit: 1 });
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
      databaseFile: damaged,
      pace: PACE,
      onDamage: (why) => reports.push(why),
    });
    await t.rejects(Array.fromAsync(thread.read(everybody(one))), { code: 'no_data_set' }, what);
    t.match(reports, [/./], what);
    await thread.close();
  }
});
