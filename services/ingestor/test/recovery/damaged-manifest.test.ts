import fs from 'node:fs';
import { MANIFEST_KEY } from '@landfall/contracts/dataset/manifest';
import { DATASET_UPDATED } from '@landfall/contracts/messages/events';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { makeWorld, record, type World } from '../support/_ingestor.ts';

const RED = [{ code: 'manifest_damaged', level: 'red' }];

t.test('a manifest that cannot be parsed is set aside, and the catalog is published', async (t) => {
  for (const rubbish of ['{}', '', 'rubbish', '{"generation":1}', '\0\xff'.repeat(100)]) {
    const world = await publishedWorld(t);
    const [before, { version }] = [world.output(), world.manifest()];
    fs.writeFileSync(world.processed(MANIFEST_KEY), rubbish);
    const report = await world.run();
    t.match(report, { status: 'succeeded', published: true, generation: 3, fetched: 0, conditions: RED });
    t.equal(world.manifest().version, version);
    t.equal(world.output(), before);
    const [aside] = setAside(world);
    t.equal(fs.readFileSync(world.processed(aside ?? ''), 'utf8'), rubbish);
    t.match(await world.bus.lastKept(DATASET_UPDATED), [{ data: { generation: 3 } }]);
    t.match(await world.run(), { published: false, generation: 3, conditions: [] }, 'all is well again');
    await world.stop();
  }
});

t.test('without a catalog and a manifest, the newest snapshot is restored', async (t) => {
  const world = await publishedWorld(t);
  const before = world.output();
  await loseState(world);
  fs.writeFileSync(world.processed(MANIFEST_KEY), 'rubbish');
  t.match(await world.start(), { published: true, generation: 3, rejected: 1, conditions: RED });
  t.equal(world.output(), before, 'with what a broken file said');
  t.match(await world.run(), { published: false, conditions: [] });
});

t.test('without a catalog and a manifest, a damaged newest snapshot is not restored', async (t) => {
  const world = await publishedWorld(t);
  const { snapshot } = world.manifest();
  await loseState(world);
  fs.writeFileSync(world.processed(MANIFEST_KEY), 'rubbish');
  fs.appendFileSync(world.processed(snapshot.key), '9,Not,There,1,\n');
  t.match(await world.start(), { published: true, conditions: [...RED, { code: 'state_damaged' }] });
  t.same(world.rows(), ['2,B,x,2,']);
});

t.test('while listings fail, the condition stays, and the manifest is set aside only once', async (t) => {
  const world = await publishedWorld(t);
  fs.writeFileSync(world.processed(MANIFEST_KEY), 'rubbish');
  fs.renameSync(world.source(''), world.source('../elsewhere'));
  const failed = { status: 'failed', conditions: [...RED, { code: 'run_failed' }] };
  for (let i = 0; i < 3; i++) t.match(await world.run(), failed);
  fs.renameSync(world.source('../elsewhere'), world.source(''));
  t.match(await world.run(), { status: 'succeeded', generation: 3, conditions: RED });
  t.equal(setAside(world).length, 1);
});

t.test('only the newest damaged manifests are kept', async (t) => {
  const world = await publishedWorld(t);
  for (let i = 0; i < 9; i++) {
    world.time.now += 1_000;
    fs.writeFileSync(world.processed(MANIFEST_KEY), `rubbish ${i}`);
    t.match(await world.run(), { status: 'succeeded', published: true, generation: 3 + i });
  }
  t.same(
    setAside(world).map((name) => fs.readFileSync(world.processed(name), 'utf8')),
    [4, 5, 6, 7, 8].map((i) => `rubbish ${i}`),
  );
});

t.test(
  'with any content of manifest.json, the next run succeeds and publishes the source bucket',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.json(), fc.string(), fc.constant(undefined)),
        fc.boolean(),
        fc.integer({ min: 0, max: 5 }),
        async (text, losesState, cut) => {
          const world = await publishedWorld(t);
          const before = world.output();
          const manifest = fs.readFileSync(world.processed(MANIFEST_KEY), 'utf8');
          if (losesState) await loseState(world);
          // Random bytes, or a manifest with a missing part.
          const cutText = manifest.slice(0, (manifest.length * cut) / 5);
          fs.writeFileSync(world.processed(MANIFEST_KEY), text ?? cutText);
          t.match(losesState ? await world.start() : await world.run(), { status: 'succeeded' });
          t.equal(world.output(), before);
          const generation = world.manifest().generation;
          t.ok(generation === 3 || (cut === 5 && text === undefined), `generation ${generation}`);
          await world.stop();
        },
      ),
      { numRuns: 20 },
    );
  },
);

const setAside = (world: World): string[] =>
  fs.readdirSync(world.processed('')).filter((name) => name.startsWith('manifest.damaged-'));

/** Publishes two generations; the record of user 1 is broken in the second. */
async function publishedWorld(t: Test): Promise<World> {
  const world = await makeWorld(t);
  world.put('1.csv', record('A', 'x', 1));
  world.put('2.csv', record('A', 'x', 2));
  await world.start();
  world.put('1.csv', 'broken');
  world.put('2.csv', record('B', 'x', 2));
  await world.run();
  return world;
}

async function loseState(world: World): Promise<void> {
  await world.stop();
  fs.rmSync(world.stateDir, { recursive: true });
}
