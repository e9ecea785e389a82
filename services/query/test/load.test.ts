import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Reject } from '@landfall/contracts/reject';
import type { User } from '@landfall/contracts/user';
import t, { type Test } from 'tap';
import { openDataSet } from '../src/data-set.ts';
import { openLoader } from '../src/load/loader.ts';
import { asFiles, type MadeGeneration, makeGeneration, usersNamed } from './_generation.ts';

const EVERYBODY = { hasImage: undefined, bornFrom: undefined, bornBefore: undefined, dependsOnDay: false };
const NOW = Date.UTC(2026, 5, 1);
const REJECT: Reject = {
  key: 'x.csv',
  user_id: 'x',
  reason: 'empty',
  detail: 'nothing in 0 bytes',
  since: '2026-06-01T00:00:00.000Z',
  kept_previous: false,
};

function setUp(t: Test) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-load-'));
  const file = path.join(folder, 'data-set.sqlite');
  const dataSet = openDataSet(file, () => undefined);
  const loader = openLoader(file);
  t.teardown(async () => {
    await loader.close();
    dataSet.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return {
    dataSet,
    load: (made: MadeGeneration) => loader.load(asFiles(folder, made)),
    async served(): Promise<User[]> {
      const { value } = await dataSet.usersAsJson(EVERYBODY);
      return JSON.parse(Buffer.concat(value).toString());
    },
  };
}

t.test('a generation replaces the one before, whatever it was', async (t) => {
  const { dataSet, load, served } = setUp(t);
  const [one = [], two = []] = [usersNamed('one', 50), usersNamed('two', 50)];
  const steps: [string, User[]][] = [
    ['into an empty database', one],
    ['all changed', two],
    ['some added', usersNamed('two', 60)],
    ['some removed', two.filter((_, i) => i % 3)],
    ['some of each', [...two.slice(10, 30), ...usersNamed('new', 70).slice(60)]],
    ['nobody', []],
    ['everybody again', one],
  ];
  for (const [i, [name, users]] of steps.entries()) {
    const made = makeGeneration(i + 1, users, i % 2 ? [REJECT] : []);
    await load(made);
    t.same(await served(), users, name);
    t.same(dataSet.manifest(), made.manifest, name);
    t.same(dataSet.rejects().value, i % 2 ? [REJECT] : [], name);
    t.equal(dataSet.stats(EVERYBODY, NOW).value.count, users.length, name);
  }
});

t.test('what does not fit its manifest is not served', async (t) => {
  const { dataSet, load, served } = setUp(t);
  const good = makeGeneration(1, usersNamed('good', 30));
  await load(good);
  const next = makeGeneration(2, usersNamed('next', 40), [REJECT]);
  const cases: [string, MadeGeneration, RegExp][] = [
    ['another text', { ...next, users: next.users.replace('next', 'text') }, /checksum/],
    ['a text that was cut off', { ...next, users: next.users.slice(0, -20) }, /checksum|record/],
    ['another number of users', { ...next, manifest: { ...next.manifest, rows: 41 } }, /number of rows/],
    [
      'rejects that were cut off',
      { ...next, rejects: 'key,user_id,reason,detail,since,kept_previous\n' },
      /number of rows/,
    ],
    ['another format', { ...next, users: 'hello' }, /unknown columns/],
  ];
  for (const [name, made, message] of cases) {
    await t.rejects(load(made), { message }, name);
    t.same(await served(), usersNamed('good', 30), name);
    t.equal(dataSet.manifest()?.generation, 1, name);
    t.same(dataSet.rejects().value, [], name);
    t.equal(dataSet.stats(EVERYBODY, NOW).value.count, 30, name);
  }
  await load(next);
  t.same(await served(), usersNamed('next', 40), 'and the next good one is loaded');
});

t.test('before the first generation there is nothing to serve', async (t) => {
  const { dataSet, served } = setUp(t);
  t.equal(dataSet.manifest(), undefined);
  await t.rejects(served(), { code: 'no_data_set' });
  t.throws(() => dataSet.user('7'), { code: 'no_data_set' });
  t.throws(() => dataSet.stats(EVERYBODY, NOW), { code: 'no_data_set' });
});

t.test('readers see one generation or the other, never a mix, and never wait', async (t) => {
  const { dataSet, load, served } = setUp(t);
  const count = 5_000; // More than are read in one turn.
  await load(makeGeneration(1, usersNamed('1', count)));
  let loading = true;
  let reads = 0;
  const seen = new Set<string>();
  const reader = (async () => {
    while (loading) {
      const { manifest, value } = await dataSet.usersAsJson(EVERYBODY);
      const users: User[] = JSON.parse(Buffer.concat(value).toString());
      const names = new Set(users.map(({ last_name: name }) => name));
      if (names.size !== 1 || !names.has(String(manifest.generation)) || users.length !== count) {
        throw new Error(`generation ${manifest.generation}: ${users.length} users of ${[...names]}`);
      }
      for (const name of names) seen.add(name);
      reads++;
    }
  })();
  for (let generation = 2; generation <= 8; generation++) {
    await load(makeGeneration(generation, usersNamed(String(generation), count)));
  }
  loading = false;
  await reader;
  t.ok(reads >= seen.size && seen.size > 1, `${reads} reads of ${seen.size} generations`);
  t.equal((await served())[0]?.last_name, '8');
});
