import fs from 'node:fs';
import { MANIFEST_KEY } from '@landfall/contracts/dataset/manifest';
import { DATASET_UPDATED } from '@landfall/contracts/messages/events';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

const RED = [{ code: 'manifest_damaged', level: 'red' }];

t.test('a manifest that cannot be parsed is set aside, and the catalog is published', async (t) => {
  for (const rubbish of ['{}', '', 'rubbish', '{"generation":1}', '\0\xff'.repeat(100)]) {
    const fixture = await publishedFixture(t);
    const [before, { version }] = [fixture.output(), fixture.manifest()];
    fs.writeFileSync(fixture.processed(MANIFEST_KEY), rubbish);
    const report = await fixture.run();
    t.match(report, { status: 'succeeded', published: true, generation: 3, fetched: 0, conditions: RED });
    t.equal(fixture.manifest().version, version);
    t.equal(fixture.output(), before);
    const [aside] = setAside(fixture);
    t.equal(fs.readFileSync(fixture.processed(aside ?? ''), 'utf8'), rubbish);
    t.match(await fixture.bus.lastKept(DATASET_UPDATED), [{ data: { generation: 3 } }]);
    t.match(await fixture.run(), { published: false, generation: 3, conditions: [] }, 'all is well again');
    await fixture.stop();
  }
});

t.test('without a catalog and a manifest, the newest snapshot is restored', async (t) => {
  const fixture = await publishedFixture(t);
  const before = fixture.output();
  await loseState(fixture);
  fs.writeFileSync(fixture.processed(MANIFEST_KEY), 'rubbish');
  t.match(await fixture.start(), { published: true, generation: 3, rejected: 1, conditions: RED });
  t.equal(fixture.output(), before, 'with what a broken file said');
  t.match(await fixture.run(), { published: false, conditions: [] });
});

t.test('without a catalog and a manifest, a damaged newest snapshot is not restored', async (t) => {
  const fixture = await publishedFixture(t);
  const { snapshot } = fixture.manifest();
  await loseState(fixture);
  fs.writeFileSync(fixture.processed(MANIFEST_KEY), 'rubbish');
  fs.appendFileSync(fixture.processed(snapshot.key), '9,Not,There,1,\n');
  t.match(await fixture.start(), { published: true, conditions: [...RED, { code: 'state_damaged' }] });
  t.same(fixture.rows(), ['2,B,x,2,']);
});

t.test('while listings fail, the condition stays, and the manifest is set aside only once', async (t) => {
  const fixture = await publishedFixture(t);
  fs.writeFileSync(fixture.processed(MANIFEST_KEY), 'rubbish');
  fs.renameSync(fixture.source(''), fixture.source('../elsewhere'));
  const failed = { status: 'failed', conditions: [...RED, { code: 'run_failed' }] };
  for (let i = 0; i < 3; i++) t.match(await fixture.run(), failed);
  fs.renameSync(fixture.source('../elsewhere'), fixture.source(''));
  t.match(await fixture.run(), { status: 'succeeded', generation: 3, conditions: RED });
  t.equal(setAside(fixture).length, 1);
});

t.test('only the newest damaged manifests are kept', async (t) => {
  const fixture = await publishedFixture(t);
  for (let i = 0; i < 9; i++) {
    fixture.time.now += 1_000;
    fs.writeFileSync(fixture.processed(MANIFEST_KEY), `rubbish ${i}`);
    t.match(await fixture.run(), { status: 'succeeded', published: true, generation: 3 + i });
  }
  t.same(
    setAside(fixture).map((name) => fs.readFileSync(fixture.processed(name), 'utf8')),
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
          const fixture = await publishedFixture(t);
          const before = fixture.output();
          const manifest = fs.readFileSync(fixture.processed(MANIFEST_KEY), 'utf8');
          if (losesState) await loseState(fixture);
          // Random bytes, or a manifest with a missing part.
          const cutText = manifest.slice(0, (manifest.length * cut) / 5);
          fs.writeFileSync(fixture.processed(MANIFEST_KEY), text ?? cutText);
          t.match(losesState ? await fixture.start() : await fixture.run(), { status: 'succeeded' });
          t.equal(fixture.output(), before);
          const generation = fixture.manifest().generation;
          t.ok(generation === 3 || (cut === 5 && text === undefined), `generation ${generation}`);
          await fixture.stop();
        },
      ),
      { numRuns: 20 },
    );
  },
);

const setAside = (fixture: Fixture): string[] =>
  fs.readdirSync(fixture.processed('')).filter((name) => name.startsWith('manifest.damaged-'));

/** Publishes two generations; the record of user 1 is broken in the second. */
async function publishedFixture(t: Test): Promise<Fixture> {
  const fixture = await makeFixture(t);
  fixture.put('1.csv', record('A', 'x', 1));
  fixture.put('2.csv', record('A', 'x', 2));
  await fixture.start();
  fixture.put('1.csv', 'broken');
  fixture.put('2.csv', record('B', 'x', 2));
  await fixture.run();
  return fixture;
}

async function loseState(fixture: Fixture): Promise<void> {
  await fixture.stop();
  fs.rmSync(fixture.stateDir, { recursive: true });
}
