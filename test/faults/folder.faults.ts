import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@landfall/test-servers/server-process';
import t from 'tap';
import { ask } from '../_stack.ts';
import { untilHolds } from './_fault-fixture.ts';
import { expectedOutput } from './_oracle.ts';
import { openRandom } from './_random.ts';
import { rounds } from './_rounds.ts';

const MAIN = fileURLToPath(new URL('../../services/standalone/src/main.ts', import.meta.url));
const HEADER = 'first_name, last_name, birthts\n';

t.test('a folder with odd entries, changed at random under a running standalone', async (t) => {
  const random = openRandom();
  t.comment(`FAULTS_SEED=${random.seed}`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-folder-'));
  const source = (...names: string[]) => path.join(folder, 'src-data', ...names);
  fs.mkdirSync(source(), { recursive: true });
  fs.writeFileSync(path.join(folder, 'secret.csv'), `${HEADER}Secret, Outside, 5\n`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  t.teardown(() => {
    child?.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const start = () => {
    const env = {
      ...process.env,
      DATA_DIR: folder,
      PORT: String(port),
      SEED_DEMO: 'false',
      LOG_LEVEL: 'silent',
    };
    child = spawn(process.execPath, [MAIN], { env, stdio: 'ignore' });
  };
  let count = 0;
  const record = () => `${HEADER}Name${++count}, Tester, ${random.below(1_000_000_000)}\n`;
  const id = () => String(1_000 + random.below(30));
  const ignoring = (act: () => void) => {
    try {
      act();
    } catch {
      // What is to be changed is not there, or something else is in its place.
    }
  };
  const acts: Record<string, () => void> = {
    put: () => fs.writeFileSync(source(`${id()}.csv`), record()),
    'put in a folder': () => {
      const name = `team${random.below(3)}`;
      fs.mkdirSync(source(name, 'deeper'), { recursive: true });
      fs.writeFileSync(source(name, 'deeper', `${name}-${id()}.csv`), record());
    },
    remove: () => fs.rmSync(source(`${id()}.csv`)),
    image: () => fs.writeFileSync(source(`${id()}.png`), `face ${++count}`),
    'remove a folder': () => fs.rmSync(source(`team${random.below(3)}`), { recursive: true }),
    'move a folder': () => fs.renameSync(source(`team${random.below(3)}`), source(`team${random.below(3)}`)),
    'a folder in place of a file': () => {
      const name = source(`${id()}.csv`);
      fs.rmSync(name);
      fs.mkdirSync(name);
      fs.rmdirSync(name);
    },
    'rename over': () => {
      const partial = source('.partial');
      fs.writeFileSync(partial, record());
      fs.renameSync(partial, source(`${id()}.csv`));
    },
    'a link in a circle': () => fs.symlinkSync('loop', source('loop')),
    'a link that leads out': () => fs.symlinkSync('../secret.csv', source('secret.csv')),
    'a picture that leads out': () => fs.symlinkSync('/etc/hostname', source('9999.png')),
    'a recycle bin': () => {
      fs.mkdirSync(source('#recycle'), { recursive: true });
      fs.writeFileSync(source('#recycle', `${id()}.csv`), record());
    },
    'a name that is not UTF-8': () =>
      fs.writeFileSync(Buffer.from(`${source()}/Jos\xe9.csv`, 'latin1'), record()),
    'deep folders come and go': () => {
      const deep = source(...Array.from({ length: 30 }, (_, i) => `deep${i}${'x'.repeat(100)}`));
      fs.mkdirSync(deep.slice(0, 3_000), { recursive: true });
      fs.rmSync(source(`deep0${'x'.repeat(100)}`), { recursive: true });
    },
  };
  start();
  for (let round = 1; round <= rounds(6, 150); round++) {
    const done: string[] = [];
    for (let i = 0; i < 12; i++) {
      const what = random.pick(Object.keys(acts));
      done.push(what);
      ignoring(acts[what] ?? (() => undefined));
    }
    if (random.chance(0.2)) {
      child?.kill('SIGKILL');
      if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
      start();
    }
    await untilHolds(`round ${round}: ${done.join()}`, async () => {
      const expected = expectedOutput(source(), 'src-data');
      const answer = await fetch(`${url}/data?format=csv`).catch(() => undefined);
      const served = (await answer?.text().catch(() => '')) ?? '';
      return served === expected ? undefined : served.slice(0, 500);
    });
    t.pass(`round ${round}`);
  }
  const { body } = await ask<{ level: string }>(`${url}/status`);
  t.not(body?.level, 'red');
  t.equal(child?.exitCode, null, 'it lives');
});
