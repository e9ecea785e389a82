import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

const CRASHING = fileURLToPath(new URL('../support/_crashing-ingestor.ts', import.meta.url));
const LINES = ['7,Ada,Lovelace,5,src-data/7.png', '8,Alan,Turing,6,'];

t.test('a restart finishes the first publication after a crash at any step', async (t) => {
  await crashEverywhere(t, {
    async prepare() {},
    change: (fixture) => {
      fixture.put('7.csv', record('Ada', 'Lovelace', 5));
      fixture.put('7.png', 'a face');
      fixture.put('8.csv', record('Alan', 'Turing', 6));
    },
    old: undefined,
    expected: LINES,
  });
});

t.test('a restart finishes a later publication after a crash at any step', async (t) => {
  await crashEverywhere(t, {
    async prepare(fixture) {
      fixture.put('7.csv', record('Augusta', 'Byron', 4));
      fixture.put('9.csv', record('Gone', 'Soon', 9));
      await fixture.start();
      await fixture.stop();
    },
    change: (fixture) => {
      fixture.put('7.csv', record('Ada', 'Lovelace', 5));
      fixture.put('7.png', 'a face');
      fixture.put('8.csv', record('Alan', 'Turing', 6));
      fixture.remove('9.csv');
    },
    old: ['7,Augusta,Byron,4,', '9,Gone,Soon,9,'],
    expected: LINES,
  });
});

t.test('values read before a crash are kept if the record is broken before the restart', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  const readOnce = 2; // Stop after one record is read, before the snapshot is written.
  t.equal(await runUntil(fixture, readOnce), 'SIGKILL');
  t.notOk(fs.existsSync(fixture.processed('manifest.json')), 'nothing is published');
  fixture.put('7.csv', 'broken');
  await fixture.start();
  t.same(fixture.rows(), ['7,Ada,Lovelace,5,']);
  t.match(await fixture.rejects(), [{ key: '7.csv', kept_previous: true }]);
});

interface Case {
  prepare: (fixture: Fixture) => Promise<void>;
  change: (fixture: Fixture) => void;
  /** The rows published before; undefined if there were none. */
  old: string[] | undefined;
  expected: string[];
}

async function crashEverywhere(t: Test, { prepare, change, old, expected }: Case): Promise<void> {
  let ended: string | number = 'SIGKILL';
  let step = 0;
  while (ended === 'SIGKILL') {
    step++;
    const fixture = await makeFixture(t);
    await prepare(fixture);
    const before = old ? fixture.manifest().generation : 0;
    change(fixture);
    ended = await runUntil(fixture, step);
    checkWhatIsThere(t, fixture, old, expected, `step ${step}`);

    const published = generationOf(fixture);
    const report = await fixture.start();
    t.equal(report.status, 'succeeded', `step ${step}: the restart`);
    t.same(fixture.rows(), expected, `step ${step}: the rows`);
    t.equal(fixture.manifest().generation, before + 1, `step ${step}: published once`);
    t.equal(report.published, published === before, `step ${step}: and only if it was not yet`);
    checkWhatIsThere(t, fixture, old, expected, `step ${step}, restarted`);
    t.match(
      await fixture.bus.lastKept('dataset.updated'),
      [{ data: { generation: before + 1 } }],
      `step ${step}: told`,
    );
    await fixture.stop();
  }
  t.equal(ended, 0);
  t.ok(step >= 9, `${step} steps were tried`);
}

/** output.csv is the old one or the new one, and all objects that the manifest names exist. */
function checkWhatIsThere(
  t: Test,
  fixture: Fixture,
  old: string[] | undefined,
  expected: string[],
  when: string,
): void {
  if (old || fs.existsSync(fixture.processed('output.csv'))) {
    const rows = JSON.stringify(fixture.rows());
    t.ok(rows === JSON.stringify(old) || rows === JSON.stringify(expected), `${when}: a whole output.csv`);
  }
  if (!fs.existsSync(fixture.processed('manifest.json'))) return;
  const manifest = fixture.manifest();
  const snapshot = fs.readFileSync(fixture.processed(manifest.snapshot.key));
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
    t.equal(fs.statSync(fixture.processed(key)).size, size, `${when}: ${key}`);
  }
}

function generationOf(fixture: Fixture): number {
  return fs.existsSync(fixture.processed('manifest.json')) ? fixture.manifest().generation : 0;
}

/** @returns how the process ended: a signal's name or an exit code */
async function runUntil(fixture: Fixture, step: number): Promise<string | number> {
  const root = path.dirname(fixture.stateDir);
  const child = spawn(process.execPath, [CRASHING, root, String(step)], { stdio: 'inherit' });
  const [code, signal] = await once(child, 'exit');
  return signal ?? code;
}
