import fs from 'node:fs';
import { StoreError } from '@landfall/object-store/object-store';
import t, { type Test } from 'tap';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

/** Flips one bit in the middle. */
const flip = (file: string) =>
  fs.writeFileSync(
    file,
    fs.readFileSync(file).map((byte, i, { length }) => (i === length >> 1 ? byte ^ 1 : byte)),
  );
const cutAtRow = (file: string) => {
  const text = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1));
};
const cutInRow = (file: string) => fs.truncateSync(file, fs.statSync(file).size - 4);
const DAMAGES = { flip, cutAtRow, cutInRow };

t.test('without a catalog, output.csv is restored instead of a damaged snapshot', async (t) => {
  for (const [kind, damage] of Object.entries(DAMAGES)) {
    const fixture = await publishedFixture(t);
    const [before, rejects] = [fixture.output(), await fixture.rejects()];
    damage(fixture.processed(fixture.manifest().snapshot.key));
    damage(fixture.processed(fixture.manifest().rejects_snapshot.key));
    await loseState(fixture);
    t.match(await fixture.start(), { status: 'succeeded', published: false, conditions: [] }, kind);
    t.equal(fixture.output(), before);
    t.equal(fs.readFileSync(fixture.processed(fixture.manifest().snapshot.key), 'utf8'), before, 'mended');
    t.same(await fixture.rejects(), rejects);
    await fixture.stop();
  }
});

t.test(
  'rows that cannot be verified are not restored: the bucket is read, and a condition is set',
  async (t) => {
    for (const [kind, damage] of Object.entries(DAMAGES)) {
      const fixture = await publishedFixture(t);
      damage(fixture.processed(fixture.manifest().snapshot.key));
      damage(fixture.processed('output.csv'));
      await loseState(fixture);
      const report = await fixture.start();
      const red = { status: 'succeeded', conditions: [{ code: 'state_damaged', level: 'red' }] };
      t.match(report, { ...red, published: true, generation: 3, rejected: 1 }, kind);
      t.same(
        fixture.rows(),
        ['1,B,x,1,', '2,A,x,2,'],
        'what a broken file said is lost, and nothing wrong is there',
      );
      t.match(
        await fixture.run(),
        { status: 'succeeded', published: false, conditions: [] },
        'until the next listing',
      );
      await fixture.stop();
    }
  },
);

t.test('nothing is published when half of the rows can neither be verified nor read again', async (t) => {
  const fixture = await publishedFixture(t, 150);
  const before = fixture.manifest();
  flip(fixture.processed(before.snapshot.key));
  flip(fixture.processed('output.csv'));
  await loseState(fixture);
  fs.renameSync(fixture.source(''), fixture.source('../elsewhere'));
  fs.mkdirSync(fixture.source(''));
  const held = {
    published: false,
    held: 150,
    conditions: [{ code: 'removals_held' }, { code: 'state_damaged' }],
  };
  t.match(await fixture.start(), held);
  t.match(await fixture.run(), held, 'and so it stays');
  t.same(fixture.manifest(), before);
  fs.rmdirSync(fixture.source(''));
  fs.renameSync(fixture.source('../elsewhere'), fixture.source(''));
  t.match(await fixture.run(), { published: true, generation: 3, held: 0 });
  t.match(await fixture.run(), { published: false, conditions: [] });
  t.equal(fixture.rows().length, 149, 'but for the broken one');
});

t.test('a failed restoration leaves the catalog unchanged', async (t) => {
  const fixture = await publishedFixture(t);
  const { snapshot } = fixture.manifest();
  fs.writeFileSync(
    fixture.processed('manifest.json'),
    JSON.stringify({ ...fixture.manifest(), generation: 7, version: '0'.repeat(64) }),
  );
  const before = fixture.output();
  t.match(await fixture.run(), {
    published: true,
    generation: 8,
    fetched: 0,
    conditions: [{ code: 'state_damaged' }],
  });
  t.equal(fixture.output(), before, 'with what a broken file said');
  t.not(fixture.manifest().snapshot.key, snapshot.key);
});

t.test('a store that fails while rows are restored fails that run only', async (t) => {
  let fails = false;
  const fixture = await makeFixture(t, {}, (store) => ({
    ...store,
    async open(bucket, key) {
      if (fails) throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
      return await store.open(bucket, key);
    },
  }));
  await publish(fixture, 3);
  const before = fixture.output();
  await loseState(fixture);
  fails = true;
  t.match(await fixture.start(), { status: 'failed', conditions: [{ code: 'run_failed' }] });
  fails = false;
  t.match(await fixture.run(), { status: 'succeeded', published: false, conditions: [] });
  t.equal(fixture.output(), before);
});

t.test('runs fail while permissions to read the published rows are missing', async (t) => {
  let isDenied = false;
  const fixture = await makeFixture(t, {}, (store) => ({
    ...store,
    async open(bucket, key) {
      if (isDenied) throw new StoreError('access_denied', `no access to ${bucket}/${key}`);
      return await store.open(bucket, key);
    },
  }));
  await publish(fixture, 3);
  const before = fixture.output();
  await loseState(fixture);
  isDenied = true;
  t.match(await fixture.start(), { status: 'failed', error: /no access/ });
  isDenied = false;
  t.match(await fixture.run(), { status: 'succeeded', published: false, conditions: [] });
  t.equal(fixture.output(), before);
});

async function publishedFixture(t: Test, users = 3): Promise<Fixture> {
  const fixture = await makeFixture(t);
  await publish(fixture, users);
  return fixture;
}

/** Publishes two generations; the record of user 0 is broken in the second. */
async function publish(fixture: Fixture, users: number): Promise<void> {
  for (let i = 0; i < users; i++) fixture.put(`${i}.csv`, record('A', 'x', i));
  await fixture.start();
  fixture.put('1.csv', record('B', 'x', 1));
  fixture.put('0.csv', 'broken');
  await fixture.run();
}

async function loseState(fixture: Fixture): Promise<void> {
  await fixture.stop();
  fs.rmSync(fixture.stateDir, { recursive: true });
}
