import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
import { openStateFile } from '@landfall/state-file/state-file';
import t, { type Test } from 'tap';
import { databaseLayout } from '../../src/database/schema.ts';
import { openReader } from '../../src/database/snapshot-reader.ts';
import { takeOver } from '../../src/load/import-generation.ts';
import { openReading } from '../../src/read-thread/dispatch.ts';
import type { ReadTask } from '../../src/read-thread/worker.ts';
import type { Plan } from '../../src/search/access-path.ts';
import { PACE } from '../../src/search/scan-limits.ts';
import { BY_USER_ID } from '../../src/search/sort-order.ts';
import type { Wanted } from '../../src/serialize/serialized-rows.ts';
import { asFiles, makeGeneration, usersNamed } from '../support/_generation.ts';
import { AS_JSON, usersOf } from '../support/_written.ts';

const USERS = usersNamed('x', 3_000);
const EVERYBODY: Plan = { way: 'walk', conditions: [], tests: 1 };
const found = (users: number): Plan => ({
  ...{ way: 'few', users, others: [] },
  by: { column: 'birthts', terms: [['<', users * 86_400_000]] },
});

async function setUp(t: Test) {
  const folder = t.testdir();
  const file = path.join(folder, 'data-set.sqlite');
  const db = openStateFile(file, databaseLayout(DEFINITION), () => undefined);
  const { manifest: at } = makeGeneration(1, USERS);
  await takeOver(db, asFiles(folder, makeGeneration(1, USERS)));
  const reader = openReader(file);
  const reading = openReading({ databaseFile: file, reader, pace: PACE, onDamage: () => undefined });
  t.teardown(async () => {
    await reading.close();
    reader.close();
    db.close();
  });
  const tasks = t.capture(Worker.prototype, 'postMessage', Worker.prototype.postMessage);
  return {
    /** How many have been asked of the thread since this was last called. */
    asked: () =>
      tasks()
        .flatMap(({ args: [each] }): ReadTask[] => each)
        .filter(({ what }) => what === 'read').length,
    ask: async (plan: Plan, limit: number) => {
      const wanted: Wanted = { at, plan, order: BY_USER_ID, from: undefined, manner: AS_JSON, limit };
      return usersOf(await Array.fromAsync(reading.read({ kind: 'users', wanted })));
    },
  };
}

t.test('the page of one who asks alone is read here, what is longer in the thread', async (t) => {
  const { ask, asked } = await setUp(t);
  const cases: [string, Plan, number, number][] = [
    ['a page', EVERYBODY, 100, 0],
    ['a long page', EVERYBODY, 1_001, 1],
    ['everybody', EVERYBODY, Number.POSITIVE_INFINITY, 1],
    ['a page for which many have to be looked at', { ...EVERYBODY, tests: 11 }, 100, 1],
    ['few, who are found by an index', found(100), Number.POSITIVE_INFINITY, 0],
    ['nobody', found(0), 100, 0],
    ['some more of them', found(101), 100, 1],
  ];
  for (const [name, plan, limit, times] of cases) {
    const users = plan.way === 'few' ? USERS.slice(0, plan.users) : USERS;
    t.same(await ask(plan, limit), users.slice(0, limit), name);
    t.equal(asked(), times, name);
    await new Promise(setImmediate);
  }
});

t.test(
  'of those who ask in the same turn, and while the thread is at work, one at most is read here',
  async (t) => {
    const { ask, asked } = await setUp(t);
    const pages = await Promise.all(Array.from({ length: 10 }, () => ask(EVERYBODY, 100)));
    for (const page of pages) t.same(page, USERS.slice(0, 100));
    t.equal(asked(), 9);
    const all = ask(EVERYBODY, Number.POSITIVE_INFINITY);
    await new Promise(setImmediate);
    t.same(await ask(EVERYBODY, 100), USERS.slice(0, 100));
    t.same(await all, USERS);
    t.equal(asked(), 2);
    t.same(await ask(EVERYBODY, 100), USERS.slice(0, 100));
    t.equal(asked(), 0, 'and then here again');
  },
);
