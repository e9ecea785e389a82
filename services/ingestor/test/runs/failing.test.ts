import fs from 'node:fs';
import { StoreError } from '@landfall/object-store/object-store';
import t, { type Test } from 'tap';
import { makeWorld, record, type World } from '../support/_ingestor.ts';

t.test(
  'after a failed listing, the next run lists, whoever asks, and only that clears the condition',
  async (t) => {
    const { world, fail } = await failingWorld(t);
    world.put('1.csv', record('A', 'x', 1));
    await world.start();
    world.put('2.csv', record('B', 'x', 2));
    fail(['list']);
    const since = new Date(world.time.now).toISOString();
    t.match(await world.run(), {
      status: 'failed',
      conditions: [{ code: 'run_failed', level: 'red', since }],
    });
    world.time.now += 60_000;
    world.put('3.csv', record('C', 'x', 3));
    t.match(await told(world, ['3.csv']), { status: 'failed', conditions: [{ code: 'run_failed', since }] });
    fail([]);
    world.put('4.csv', record('D', 'x', 4));
    t.match(await told(world, ['4.csv']), { status: 'succeeded', listed: 4, added: 3, conditions: [] });
    world.put('5.csv', record('E', 'x', 5));
    t.match(
      await told(world, ['5.csv']),
      { listed: 1, added: 1, conditions: [] },
      'then keys are enough again',
    );
  },
);

t.test('what a failed run of certain keys was asked to look at is not lost', async (t) => {
  const { world, fail } = await failingWorld(t);
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  for (const [i, method] of (['head', 'readEach', 'put', 'copy'] as const).entries()) {
    world.put(`burst-${i}.csv`, record('In', 'Burst', i));
    fail([method]);
    t.match(await told(world, [`burst-${i}.csv`]), { status: 'failed' }, method);
    fail([]);
    world.put(`later-${i}.csv`, record('Later', 'One', i));
    t.match(await told(world, [`later-${i}.csv`]), { status: 'succeeded', conditions: [] });
    t.equal(world.rows().length, 1 + 2 * (i + 1), `${method}: both are there`);
  }
});

t.test('a state folder that cannot be used is named in words, without its path', async (t) => {
  const { world } = await failingWorld(t);
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  fs.rmSync(`${world.stateDir}/spool`, { recursive: true });
  fs.writeFileSync(`${world.stateDir}/spool`, 'no folder');
  world.put('1.csv', record('B', 'x', 1));
  const report = await world.run();
  t.match(report, { status: 'failed', error: /^STATE_DIR can't be used: it is not a folder/ });
  t.notMatch(JSON.stringify(report), world.stateDir);
  fs.rmSync(`${world.stateDir}/spool`);
  t.match(await world.run(), { status: 'succeeded', published: true });
});

t.test('an unexpected error shows nothing of this machine', async (t) => {
  const { world, fail } = await failingWorld(t, () => new Error(`secret of /etc/passwd`));
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  fail(['list']);
  const report = await world.run();
  t.match(report, { status: 'failed', error: /unexpected error/ });
  t.notMatch(JSON.stringify(report), 'passwd');
});

type Method = 'list' | 'head' | 'readEach' | 'put' | 'copy';

/** A store of which some calls fail now and then. */
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

/** The report of the run of a burst. */
async function told(world: World, keys: readonly string[]) {
  const report = world.nextReport();
  world.tell(keys);
  return await report;
}
