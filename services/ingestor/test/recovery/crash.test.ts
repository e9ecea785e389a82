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

t.test('killed at any step of the first publication, a restart finishes it', async (t) => {
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

t.test('killed at any step of a later one, a restart finishes it', async (t) => {
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

t.test('what was read before the crash is kept, when the file is broken before the restart', async (t) => {
  const world = await makeWorld(t);
  world.put('7.csv', record('Ada', 'Lovelace', 5));
  const readOnce = 2; // One record is read; then the snapshot would be written.
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
  /** The rows published before; undefined when none were. */
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

/** output.csv is the old one or the new one, and whatever the manifest names is there. */
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
