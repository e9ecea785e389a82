import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
import { identify } from '@landfall/state-file/file-identity';
import { openStateFile } from '@landfall/state-file/state-file';
import t, { type Test } from 'tap';
import { databaseLayout } from '../../src/database/schema.ts';
import { openSnapshotReader } from '../../src/database/snapshot-reader.ts';
import { importGeneration } from '../../src/load/import-generation.ts';
import { openReadDispatch } from '../../src/read-thread/dispatch.ts';
import type { ReadTask } from '../../src/read-thread/worker.ts';
import type { AccessPath } from '../../src/search/access-path.ts';
import { SCAN_LIMITS } from '../../src/search/scan-limits.ts';
import type { SerializedRowsQuery } from '../../src/serialize/serialized-rows.ts';
import { asFiles, makeGeneration, usersNamed } from '../support/_generation.ts';
import { BY_USER_ID, usersOf } from '../support/_serialized.ts';

const USERS = usersNamed('x', 3_000);
const FULL_SCAN: AccessPath = { kind: 'ordered-scan', predicates: [], rowsPerMatch: 1 };
const lookup = (rows: number): AccessPath => ({
  ...{ kind: 'index-lookup', rows, others: [] },
  by: { column: 'birthts', terms: [['<', rows * 86_400_000]] },
});

async function setUp(t: Test) {
  const folder = t.testdir();
  const file = path.join(folder, 'data-set.sqlite');
  const db = openStateFile(file, databaseLayout(DEFINITION), () => undefined);
  const { manifest: at } = makeGeneration(1, USERS);
  await importGeneration(db, DEFINITION, asFiles(folder, makeGeneration(1, USERS)));
  const reader = openSnapshotReader(file);
  const dispatch = openReadDispatch({
    definition: DEFINITION,
    databaseFile: file,
    fileIdentity: identify(file),
    reader,
    scanLimits: SCAN_LIMITS,
    onDamage: () => undefined,
  });
  t.teardown(async () => {
    await dispatch.close();
    reader.close();
    db.close();
  });
  const tasks = t.capture(Worker.prototype, 'postMessage', Worker.prototype.postMessage);
  return {
    /** How many reads the thread was sent since the last call. */
    sentReads: () =>
      tasks()
        .flatMap(({ args: [each] }): ReadTask[] => each)
        .filter(({ what }) => what === 'call').length,
    read: async (accessPath: AccessPath, limit: number) => {
      const query: SerializedRowsQuery = {
        at,
        accessPath,
        order: BY_USER_ID,
        from: undefined,
        format: 'json',
        limit,
      };
      return usersOf(await Array.fromAsync(dispatch.read({ kind: 'rows', query })));
    },
  };
}

t.test('a short read that is alone runs in this thread, a longer one in the read thread', async (t) => {
  const { read, sentReads } = await setUp(t);
  const cases: [string, AccessPath, number, number][] = [
    ['a page', FULL_SCAN, 100, 0],
    ['a long page', FULL_SCAN, 1_001, 1],
    ['all rows', FULL_SCAN, Number.POSITIVE_INFINITY, 1],
    ['a page that examines many rows', { ...FULL_SCAN, rowsPerMatch: 11 }, 100, 1],
    ['a few rows by an index lookup', lookup(100), Number.POSITIVE_INFINITY, 0],
    ['no row by an index lookup', lookup(0), 100, 0],
    ['more rows by an index lookup', lookup(101), 100, 1],
  ];
  for (const [name, accessPath, limit, times] of cases) {
    const rows = accessPath.kind === 'index-lookup' ? USERS.slice(0, accessPath.rows) : USERS;
    t.same(await read(accessPath, limit), rows.slice(0, limit), name);
    t.equal(sentReads(), times, name);
    await new Promise(setImmediate);
  }
});

t.test(
  'of concurrent reads in one event-loop tick, and while the read thread is busy, at most one runs in this thread',
  async (t) => {
    const { read, sentReads } = await setUp(t);
    const pages = await Promise.all(Array.from({ length: 10 }, () => read(FULL_SCAN, 100)));
    for (const page of pages) t.same(page, USERS.slice(0, 100));
    t.equal(sentReads(), 9);
    const all = read(FULL_SCAN, Number.POSITIVE_INFINITY);
    await new Promise(setImmediate);
    t.same(await read(FULL_SCAN, 100), USERS.slice(0, 100));
    t.same(await all, USERS);
    t.equal(sentReads(), 2);
    t.same(await read(FULL_SCAN, 100), USERS.slice(0, 100));
    t.equal(sentReads(), 0, 'then reads run in this thread again');
  },
);
