import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { makeWorld, record, type World } from '../support/_ingestor.ts';

const CRASHING = fileURLToPath(new URL('../support/_crashing-ingestor.ts', import.meta.url));
const LINES = ['7,Ada,Lovelace,5,src-data/7.png', '8,Alan,Turing,6,'];

t.test('a restart finishes the first publication after a crash at any step', async (t) => {
  await crashEverywhere(t, {
    async prepare() {},
    change: (world) => {
      world.put('7.csv', record('Ada', 'Lovelace', 5));
      world.put('7.png', 'a face');
      world.put('8.csv', record('Alan', 'Turing', 6));
    },
    old: undefined,
    expected: LINES,
  });
});

t.test('a restart finishes a later publication after a crash at any step', async (t) => {
  await crashEverywhere(t, {
    async prepare(world) {
      world.put('7.csv', record('Augusta', 'Byron', 4));
      world.put('9.csv', record('Gone', 'Soon', 9));
      await world.start();
      await world.stop();
    },
    change: (world) => {
      world.put('7.csv', record('Ada', 'Lovelace', 5));
      world.put('7.png', 'a face');
      world.put('8.csv', record('Alan', 'Turing', 6));
      world.remove('9.csv');
    },
    old: ['7,Augusta,Byron,4,', '9,Gone,Soon,9,'],
    expected: LINES,
  });
});

t.test('values read before a crash are kept if the record is broken before the restart', async (t) => {
  const world = await makeWorld(t);
  world.put('7.csv', record('Ada', 'Lovelace', 5));
  const readOnce = 2; // Stop after one record is read, before the snapshot is written.
  t.equal(await runUntil(world, readOnce), 'SIGKILL');
  t.notOk(fs.existsSync(world.processed('manifest.json')), 'nothing is published');
  world.put('7.csv', 'broken');
  await world.start();
  t.same(world.rows(), ['7,Ada,Lovelace,5,']);
  t.match(await world.rejects(), [{ key: '7.csv', kept_previous: true }]);
});

interface Case {
  prepare: (world: World) => Promise<void>;
  change: (world: World) => void;
  /** The rows published before; undefined if there were none. */
  old: string[] | undefined;
  expected: string[];
}

async function crashEverywhere(t: Test, { prepare, change, old, expected }: Case): Promise<void> {
  let ended: string | number = 'SIGKILL';
  let step = 0;
  while (ended === 'SIGKILL') {
    step++;
    const world = await makeWorld(t);
    await prepare(world);
    const before = old ? world.manifest().generation : 0;
    change(world);
    ended = await runUntil(world, step);
    checkWhatIsThere(t, world, old, expected, `step ${step}`);

    const published = generationOf(world);
    const report = await world.start();
    t.equal(report.status, 'succeeded', `step ${step}: the restart`);
    t.same(world.rows(), expected, `step ${step}: the rows`);
    t.equal(world.manifest().generation, before + 1, `step ${step}: published once`);
    t.equal(report.published, published === before, `step ${step}: and only if it was not yet`);
    checkWhatIsThere(t, world, old, expected, `step ${step}, restarted`);
    t.match(
      await world.bus.lastKept('dataset.updated'),
      [{ data: { generation: before + 1 } }],
      `step ${step}: told`,
    );
    await world.stop();
  }
  t.equal(ended, 0);
  t.ok(step >= 9, `${step} steps were tried`);
}

/** output.csv is the old one or the new one, and all objects that the manifest names exist. */
function checkWhatIsThere(
  t: Test,
  world: World,
  old: string[] | undefined,
  expected: string[],
  when: string,
): void {
  if (old || fs.existsSync(world.processed('output.csv'))) {
    const rows = JSON.stringify(world.rows());
    t.ok(rows === JSON.stringify(old) || rows === JSON.stringify(expected), `${when}: a whole output.csv`);
  }
  if (!fs.existsSync(world.processed('manifest.json'))) return;
  const manifest = world.manifest();
  const snapshot = fs.readFileSync(world.processed(manifest.snapshot.key));
  t.equal(
    createHash('sha256').update(snapshot).digest('hex'),
    manifest.version,
    `${when}: the snapshot's checksum`,
  );
  for (const { key, size } of [
    manifest.snapshot,
    manifest.rejects_snapshot,
    manifest.delta ?? manifest.snapshot,
  ]) {
    t.equal(fs.statSync(world.processed(key)).size, size, `${when}: ${key}`);
  }
}

function generationOf(world: World): number {
  return fs.existsSync(world.processed('manifest.json')) ? world.manifest().generation : 0;
}

/** @returns how the process ended: a signal's name or an exit code */
async function runUntil(world: World, step: number): Promise<string | number> {
  const root = path.dirname(world.stateDir);
  const child = spawn(process.execPath, [CRASHING, root, String(step)], { stdio: 'inherit' });
  const [code, signal] = await once(child, 'exit');
  return signal ?? code;
}
