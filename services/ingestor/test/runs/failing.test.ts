import fs from 'node:fs';
import { StoreError } from '@landfall/object-store/object-store';
import t, { type Test } from 'tap';
import { makeWorld, record, type World } from '../support/_ingestor.ts';

t.test(
  'after a failed listing, the next run is a full one whatever its trigger, and only that clears the condition',
  async (t) => {
    const { world, fail } = await failingWorld(t);
    world.put('1.csv', record('A', 'x', 1));
    await world.start();
    world.put('2.csv', record('B', 'x', 2));
    fail(['list']);
    const since = new Date(world.time.now).toISOString();
    t.match(await world.run(), {
      status: 'failed',
      error_code: 'unavailable',
      conditions: [{ code: 'run_failed', level: 'red', since }],
    });
    world.time.now += 60_000;
    world.put('3.csv', record('C', 'x', 3));
    t.match(await runOfEvent(world, ['3.csv']), {
      status: 'failed',
      conditions: [{ code: 'run_failed', since }],
    });
    fail([]);
    world.put('4.csv', record('D', 'x', 4));
    t.match(await runOfEvent(world, ['4.csv']), { status: 'succeeded', listed: 4, added: 3, conditions: [] });
    world.put('5.csv', record('E', 'x', 5));
    t.match(
      await runOfEvent(world, ['5.csv']),
      { listed: 1, added: 1, conditions: [] },
      'then runs by keys are possible again',
    );
  },
);

t.test('the keys of a failed run are not lost', async (t) => {
  const { world, fail } = await failingWorld(t);
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  for (const [i, method] of (['head', 'readEach', 'put', 'copy'] as const).entries()) {
    world.put(`burst-${i}.csv`, record('In', 'Burst', i));
    fail([method]);
    t.match(await runOfEvent(world, [`burst-${i}.csv`]), { status: 'failed' }, method);
    fail([]);
    world.put(`later-${i}.csv`, record('Later', 'One', i));
    t.match(await runOfEvent(world, [`later-${i}.csv`]), { status: 'succeeded', conditions: [] });
    t.equal(world.rows().length, 1 + 2 * (i + 1), `${method}: both are there`);
  }
});

t.test('the report of a run names an unusable state folder by its setting, without its path', async (t) => {
  const { world } = await failingWorld(t);
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  fs.rmSync(`${world.stateDir}/spool`, { recursive: true });
  fs.writeFileSync(`${world.stateDir}/spool`, 'no folder');
  world.put('1.csv', record('B', 'x', 1));
  const report = await world.run();
  t.match(report, {
    status: 'failed',
    error: /^STATE_DIR can't be used: it is not a folder/,
    error_code: 'state_unusable',
  });
  t.notMatch(JSON.stringify(report), world.stateDir);
  fs.rmSync(`${world.stateDir}/spool`);
  t.match(await world.run(), { status: 'succeeded', published: true, error_code: null });
});

t.test('the report of an unexpected error contains nothing about the machine', async (t) => {
  const { world, fail } = await failingWorld(t, () => new Error(`secret of /etc/passwd`));
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  fail(['list']);
  const report = await world.run();
  t.match(report, { status: 'failed', error: /unexpected error/, error_code: 'internal' });
  t.notMatch(JSON.stringify(report), 'passwd');
});

type Method = 'list' | 'head' | 'readEach' | 'put' | 'copy';

/** A world with a store whose calls the test can make fail. */
async function failingWorld(
  t: Test,
  errorOf: () => Error = () => new StoreError('unavailable', 'the object store cannot be reached'),
) {
  let failing: readonly Method[] = [];
  const check = (method: Method): void => {
    if (failing.includes(method)) throw errorOf();
  };
  const world = await makeWorld(t, {}, (store) => ({
    ...store,
    async *list(bucket, prefix) {
      if (bucket === 'src-data') check('list');
      yield* store.list(bucket, prefix);
    },
    async head(...args) {
      check('head');
      return await store.head(...args);
    },
    async readEach(...args) {
      check('readEach');
      await store.readEach(...args);
    },
    async put(...args) {
      check('put');
      return await store.put(...args);
    },
    async copy(...args) {
      check('copy');
      return await store.copy(...args);
    },
  }));
  return {
    world,
    fail(methods: readonly Method[]): void {
      failing = methods;
    },
  };
}

/** Sends a bucket event, and returns the report of its run. */
async function runOfEvent(world: World, keys: readonly string[]) {
  const report = world.nextReport();
  world.sendEvent(keys);
  return await report;
}
