import fs from 'node:fs';
import { StoreError } from '@landfall/object-store/object-store';
import t, { type Test } from 'tap';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

t.test(
  'after a failed listing, the next run is a full one for every trigger, and only that clears the condition',
  async (t) => {
    const { fixture, fail } = await failingFixture(t);
    fixture.put('1.csv', record('A', 'x', 1));
    await fixture.start();
    fixture.put('2.csv', record('B', 'x', 2));
    fail(['list']);
    const since = new Date(fixture.time.now).toISOString();
    t.match(await fixture.run(), {
      status: 'failed',
      error_code: 'unavailable',
      conditions: [{ code: 'run_failed', level: 'red', since }],
    });
    fixture.time.now += 60_000;
    fixture.put('3.csv', record('C', 'x', 3));
    t.match(await runOfEvent(fixture, ['3.csv']), {
      status: 'failed',
      conditions: [{ code: 'run_failed', since }],
    });
    fail([]);
    fixture.put('4.csv', record('D', 'x', 4));
    t.match(await runOfEvent(fixture, ['4.csv']), {
      status: 'succeeded',
      listed: 4,
      added: 3,
      conditions: [],
    });
    fixture.put('5.csv', record('E', 'x', 5));
    t.match(
      await runOfEvent(fixture, ['5.csv']),
      { listed: 1, added: 1, conditions: [] },
      'then runs by keys are possible again',
    );
  },
);

t.test('the keys of a failed run are not lost', async (t) => {
  const { fixture, fail } = await failingFixture(t);
  fixture.put('1.csv', record('A', 'x', 1));
  await fixture.start();
  for (const [i, method] of (['head', 'readEach', 'put', 'copy'] as const).entries()) {
    fixture.put(`burst-${i}.csv`, record('In', 'Burst', i));
    fail([method]);
    t.match(await runOfEvent(fixture, [`burst-${i}.csv`]), { status: 'failed' }, method);
    fail([]);
    fixture.put(`later-${i}.csv`, record('Later', 'One', i));
    t.match(await runOfEvent(fixture, [`later-${i}.csv`]), { status: 'succeeded', conditions: [] });
    t.equal(fixture.rows().length, 1 + 2 * (i + 1), `${method}: both are there`);
  }
});

t.test('the report of a run names an unusable state folder by its setting, without its path', async (t) => {
  const { fixture } = await failingFixture(t);
  fixture.put('1.csv', record('A', 'x', 1));
  await fixture.start();
  fs.rmSync(`${fixture.stateDir}/spool`, { recursive: true });
  fs.writeFileSync(`${fixture.stateDir}/spool`, 'no folder');
  fixture.put('1.csv', record('B', 'x', 1));
  const report = await fixture.run();
  t.match(report, {
    status: 'failed',
    error: /^STATE_DIR can't be used: it is not a folder/,
    error_code: 'state_unusable',
  });
  t.notMatch(JSON.stringify(report), fixture.stateDir);
  fs.rmSync(`${fixture.stateDir}/spool`);
  t.match(await fixture.run(), { status: 'succeeded', published: true, error_code: null });
});

t.test('the report of an unexpected error contains nothing about the machine', async (t) => {
  const { fixture, fail } = await failingFixture(t, () => new Error(`secret of /etc/passwd`));
  fixture.put('1.csv', record('A', 'x', 1));
  await fixture.start();
  fail(['list']);
  const report = await fixture.run();
  t.match(report, { status: 'failed', error: /unexpected error/, error_code: 'internal' });
  t.notMatch(JSON.stringify(report), 'passwd');
});

type Method = 'list' | 'head' | 'readEach' | 'put' | 'copy';

/** A fixture with a store whose calls the test can make fail. */
async function failingFixture(
  t: Test,
  errorOf: () => Error = () => new StoreError('unavailable', 'the object store cannot be reached'),
) {
  let failing: readonly Method[] = [];
  const check = (method: Method): void => {
    if (failing.includes(method)) throw errorOf();
  };
  const fixture = await makeFixture(t, {}, (store) => ({
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
    fixture,
    fail(methods: readonly Method[]): void {
      failing = methods;
    },
  };
}

/** Sends a bucket event, and returns the report of its run. */
async function runOfEvent(fixture: Fixture, keys: readonly string[]) {
  const report = fixture.nextReport();
  fixture.sendEvent(keys);
  return await report;
}
