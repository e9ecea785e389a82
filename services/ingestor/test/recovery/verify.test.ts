import fs from 'node:fs';
import { StoreError } from '@landfall/object-store/object-store';
import t, { type Test } from 'tap';
import { makeWorld, record, type World } from '../support/_ingestor.ts';

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
    const world = await publishedWorld(t);
    const [before, rejects] = [world.output(), await world.rejects()];
    damage(world.processed(world.manifest().snapshot.key));
    damage(world.processed(world.manifest().rejects_snapshot.key));
    await loseState(world);
    t.match(await world.start(), { status: 'succeeded', published: false, conditions: [] }, kind);
    t.equal(world.output(), before);
    t.equal(fs.readFileSync(world.processed(world.manifest().snapshot.key), 'utf8'), before, 'mended');
    t.same(await world.rejects(), rejects);
    await world.stop();
  }
});

t.test(
  'rows that cannot be verified are not restored: the bucket is read, and a condition is set',
  async (t) => {
    for (const [kind, damage] of Object.entries(DAMAGES)) {
      const world = await publishedWorld(t);
      damage(world.processed(world.manifest().snapshot.key));
      damage(world.processed('output.csv'));
      await loseState(world);
      const report = await world.start();
      const red = { status: 'succeeded', conditions: [{ code: 'state_damaged', level: 'red' }] };
      t.match(report, { ...red, published: true, generation: 3, rejected: 1 }, kind);
      t.same(
        world.rows(),
        ['1,B,x,1,', '2,A,x,2,'],
        'what a broken file said is lost, and nothing wrong is there',
      );
      t.match(
        await world.run(),
        { status: 'succeeded', published: false, conditions: [] },
        'until the next listing',
      );
      await world.stop();
    }
  },
);

t.test('nothing is published when half of the rows can neither be verified nor read again', async (t) => {
  const world = await publishedWorld(t, 150);
  const before = world.manifest();
  flip(world.processed(before.snapshot.key));
  flip(world.processed('output.csv'));
  await loseState(world);
  fs.renameSync(world.source(''), world.source('../elsewhere'));
  fs.mkdirSync(world.source(''));
  const held = {
    published: false,
    held: 150,
    conditions: [{ code: 'removals_held' }, { code: 'state_damaged' }],
  };
  t.match(await world.start(), held);
  t.match(await world.run(), held, 'and so it stays');
  t.same(world.manifest(), before);
  fs.rmdirSync(world.source(''));
  fs.renameSync(world.source('../elsewhere'), world.source(''));
  t.match(await world.run(), { published: true, generation: 3, held: 0 });
  t.match(await world.run(), { published: false, conditions: [] });
  t.equal(world.rows().length, 149, 'but for the broken one');
});

t.test('a failed restoration leaves the catalog unchanged', async (t) => {
  const world = await publishedWorld(t);
  const { snapshot } = world.manifest();
  fs.writeFileSync(
    world.processed('manifest.json'),
    JSON.stringify({ ...world.manifest(), generation: 7, version: '0'.repeat(64) }),
  );
  const before = world.output();
  t.match(await world.run(), {
    published: true,
    generation: 8,
    fetched: 0,
    conditions: [{ code: 'state_damaged' }],
  });
  t.equal(world.output(), before, 'with what a broken file said');
  t.not(world.manifest().snapshot.key, snapshot.key);
});

t.test('a store that fails while rows are restored fails that run only', async (t) => {
  let fails = false;
  const world = await makeWorld(t, {}, (store) => ({
    ...store,
    async open(bucket, key) {
      if (fails) throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
      return await store.open(bucket, key);
    },
  }));
  await publish(world, 3);
  const before = world.output();
  await loseState(world);
  fails = true;
  t.match(await world.start(), { status: 'failed', conditions: [{ code: 'run_failed' }] });
  fails = false;
  t.match(await world.run(), { status: 'succeeded', published: false, conditions: [] });
  t.equal(world.output(), before);
});

t.test('runs fail while permissions to read the published rows are missing', async (t) => {
  let isDenied = false;
  const world = await makeWorld(t, {}, (store) => ({
    ...store,
    async open(bucket, key) {
      if (isDenied) throw new StoreError('access_denied', `no access to ${bucket}/${key}`);
      return await store.open(bucket, key);
    },
  }));
  await publish(world, 3);
  const before = world.output();
  await loseState(world);
  isDenied = true;
  t.match(await world.start(), { status: 'failed', error: /no access/ });
  isDenied = false;
  t.match(await world.run(), { status: 'succeeded', published: false, conditions: [] });
  t.equal(world.output(), before);
});

async function publishedWorld(t: Test, users = 3): Promise<World> {
  const world = await makeWorld(t);
  await publish(world, users);
  return world;
}

/** Publishes two generations; the record of user 0 is broken in the second. */
async function publish(world: World, users: number): Promise<void> {
  for (let i = 0; i < users; i++) world.put(`${i}.csv`, record('A', 'x', i));
  await world.start();
  world.put('1.csv', record('B', 'x', 1));
  world.put('0.csv', 'broken');
  await world.run();
}

async function loseState(world: World): Promise<void> {
  await world.stop();
  fs.rmSync(world.stateDir, { recursive: true });
}
