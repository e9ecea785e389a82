import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { DATA_PACKAGE_KEY, MANIFEST_KEY, type Manifest } from '@landfall/contracts/dataset/manifest';
import { USERS } from '@landfall/contracts/dataset/users';
import { dataPackageText } from '@landfall/contracts/definition/data-package';
import { DATASET_UPDATED } from '@landfall/contracts/messages/events';
import fc from 'fast-check';
import t from 'tap';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

const NAMED = ['output', 'rejects', 'snapshot', 'rejects_snapshot'] as const;
const DAMAGES = {
  deleted: (file: string) => fs.rmSync(file),
  shorter: (file: string) => fs.truncateSync(file, 3),
  longer: (file: string) => fs.appendFileSync(file, '9,Not,Published,1,\n'),
  changed: (file: string) =>
    fs.writeFileSync(
      file,
      fs.readFileSync(file).map((byte) => byte ^ 1),
    ),
};

t.test('the next listing run repairs what the manifest names, without a new generation', async (t) => {
  for (const name of NAMED) {
    for (const [kind, damage] of Object.entries(DAMAGES)) {
      const fixture = await publishedFixture(t);
      const before = fixture.manifest();
      let events = 0;
      fixture.bus.subscribe(DATASET_UPDATED, () => events++);
      damage(fixture.processed(before[name].key));
      t.match(await fixture.run(), { published: false, written: 2, generation: 2 }, `${name} ${kind}`);
      checkNamed(t, fixture, before, `${name} ${kind}`);
      t.match(await fixture.run(), { published: false, written: 0 }, 'no loop');
      t.equal(events, 0, 'no event');
      await fixture.stop();
    }
  }
});

t.test('datapackage.json is repaired, too, and is no part of a generation', async (t) => {
  for (const [kind, damage] of Object.entries(DAMAGES)) {
    const fixture = await publishedFixture(t);
    const manifest = fs.readFileSync(fixture.processed(MANIFEST_KEY), 'utf8');
    t.equal(packageOf(fixture), dataPackageText(USERS), 'it is published');
    damage(fixture.processed(DATA_PACKAGE_KEY));
    t.match(await fixture.run(), { published: false, written: 1, generation: 2 }, kind);
    t.equal(packageOf(fixture), dataPackageText(USERS), kind);
    t.match(await fixture.run(), { published: false, written: 0 }, 'no loop');
    t.equal(fs.readFileSync(fixture.processed(MANIFEST_KEY), 'utf8'), manifest, 'the manifest is the same');
    damage(fixture.processed(DATA_PACKAGE_KEY));
    fixture.put('9.csv', record('C', 'x', 9));
    t.match(await fixture.run(), { published: true, written: 7, generation: 3 }, `${kind}, with a change`);
    t.equal(packageOf(fixture), dataPackageText(USERS), `${kind}, with a change`);
    await fixture.stop();
  }
});

t.test(
  'a changed description replaces datapackage.json and the manifest, and reads nothing again',
  async (t) => {
    const description = 'People who came ashore';
    const changes: { definition: Definition } = { definition: USERS };
    const fixture = await makeFixture(t, changes);
    fixture.put('1.csv', record('A', 'x', 1));
    await fixture.start();
    await fixture.stop();
    changes.definition = { ...USERS, description };
    t.match(await fixture.start(), { published: false, written: 2, fetched: 0, generation: 1 });
    t.match(JSON.parse(packageOf(fixture)), { name: 'users', description });
    t.match(fixture.manifest().definition, { description });
  },
);

t.test('the same bytes written again are recognized by their checksum', async (t) => {
  const fixture = await publishedFixture(t);
  const before = fixture.manifest();
  for (const name of NAMED) {
    const file = fixture.processed(before[name].key);
    const bytes = fs.readFileSync(file);
    fs.rmSync(file);
    fs.writeFileSync(file, bytes);
  }
  t.match(await fixture.run(), { published: false, written: 1 }, 'only the manifest');
  checkNamed(t, fixture, before, 'again');
  t.match(await fixture.run(), { published: false, written: 0 });
});

t.test('a missing delta is removed from the manifest', async (t) => {
  const fixture = await publishedFixture(t);
  const { delta } = fixture.manifest();
  if (!delta) throw new Error('there is no delta');
  fs.rmSync(fixture.processed(delta.key));
  t.match(await fixture.run(), { published: false, written: 1, generation: 2 });
  t.equal(fixture.manifest().delta, undefined);
  t.match(await fixture.run(), { published: false, written: 0 });
});

t.test('the next run finishes a repair after a crash at any step', async (t) => {
  let left = Number.POSITIVE_INFINITY;
  for (let steps = 0, isDone = false; !isDone; steps++) {
    const fixture = await publishedFixture(t, (store) => ({
      ...store,
      put(...args) {
        if (left-- <= 0) throw new Error('cut off');
        return store.put(...args);
      },
    }));
    const before = fixture.manifest();
    for (const name of NAMED) fs.rmSync(fixture.processed(before[name].key));
    left = steps;
    isDone = (await fixture.run()).status === 'succeeded';
    left = Number.POSITIVE_INFINITY;
    t.match(await fixture.run(), { status: 'succeeded', published: false, generation: 2 });
    checkNamed(t, fixture, before, `after ${steps} puts`);
    await fixture.stop();
    t.ok(steps <= 5, `${steps} puts`);
  }
});

t.test('after any damage, with or without a catalog, the published data is restored', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...NAMED), fc.constantFrom(...Object.values(DAMAGES))), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.boolean(),
      async (damages, losesState) => {
        const fixture = await publishedFixture(t);
        const before = fixture.manifest();
        const output = fixture.output();
        const isDamaged = { users: new Set<string>() };
        for (const [name, damage] of damages) {
          const file = fixture.processed(before[name].key);
          if (fs.existsSync(file)) damage(file);
          if (name === 'output' || name === 'snapshot') isDamaged.users.add(name);
        }
        if (losesState) {
          await fixture.stop();
          fs.rmSync(fixture.stateDir, { recursive: true });
        }
        const report = losesState ? await fixture.start() : await fixture.run();
        t.equal(report.status, 'succeeded');
        // Without both copies and the state, the last good version of the broken record is lost.
        if (!losesState || isDamaged.users.size < 2) t.equal(fixture.output(), output);
        checkNamed(t, fixture, fixture.manifest(), 'what is named is there');
        t.match(await fixture.run(), { published: false, written: 0 });
        await fixture.stop();
      },
    ),
    { numRuns: 25 },
  );
});

const packageOf = (fixture: Fixture): string => fs.readFileSync(fixture.processed(DATA_PACKAGE_KEY), 'utf8');

async function publishedFixture(
  t: Parameters<typeof makeFixture>[0],
  wrap?: Parameters<typeof makeFixture>[2],
) {
  const fixture = await makeFixture(t, {}, wrap);
  for (let i = 0; i < 5; i++) fixture.put(`${i}.csv`, record('A', 'x', i));
  await fixture.start();
  fixture.put('1.csv', record('B', 'x', 1));
  fixture.put('4.csv', 'broken');
  await fixture.run();
  return fixture;
}

/** Checks the checksums of all objects that the manifest names. */
function checkNamed(
  t: Parameters<typeof makeFixture>[0],
  fixture: Fixture,
  before: Manifest,
  when: string,
): void {
  const manifest = fixture.manifest();
  t.equal(manifest.version, before.version, when);
  t.equal(manifest.generation, before.generation, when);
  for (const name of NAMED) {
    const bytes = fs.readFileSync(fixture.processed(manifest[name].key));
    t.equal(createHash('sha256').update(bytes).digest('hex'), before[name].sha256, `${when}: ${name}`);
    t.equal(manifest[name].sha256, before[name].sha256, `${when}: ${name}`);
    t.equal(manifest[name].size, bytes.length, `${when}: ${name}`);
  }
  t.notOk(fs.readdirSync(path.dirname(fixture.processed(MANIFEST_KEY))).some((name) => /damaged/.test(name)));
}
