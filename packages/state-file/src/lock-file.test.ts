import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { openLock } from './lock-file.ts';

const HOLDER = `
import { openLock } from ${JSON.stringify(new URL('./lock-file.ts', import.meta.url).href)};
const answer = openLock(process.argv[1]) ? 'held' : 'refused';
// Nothing refers to the lock any more.
for (let i = 0; i < 5; i++) {
  gc();
  await new Promise(setImmediate);
}
console.log(answer);
setInterval(() => undefined, 1000);
`;

t.test('one at a time has a lock, and it can be taken again', async (t) => {
  const file = path.join(temporary(t), 'new/folder/x.lock');
  const lock = openLock(file);
  t.ok(lock);
  t.equal(openLock(file), undefined, 'not even this process');
  lock?.release();
  const again = openLock(file);
  t.ok(again);
  again?.release();
});

t.test('a lock is free once its process was killed', async (t) => {
  const file = path.join(temporary(t), 'x.lock');
  const holder = await startHolder(t, file);
  t.equal(holder.said, 'held');
  t.equal(openLock(file), undefined);
  t.equal((await startHolder(t, file)).said, 'refused');
  holder.child.kill('SIGSTOP');
  t.equal(openLock(file), undefined, 'one that is paused has it still');
  const exit = once(holder.child, 'exit');
  holder.child.kill('SIGKILL');
  await exit;
  const lock = openLock(file);
  t.ok(lock);
  lock?.release();
});

t.test('a folder that cannot be used is named', async (t) => {
  const folder = temporary(t);
  fs.writeFileSync(path.join(folder, 'file'), '');
  t.throws(() => openLock(path.join(folder, 'file/x.lock')), {
    name: 'UnusableStateError',
    message: /is not a folder/,
  });
});

function temporary(t: Test): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-lock-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startHolder(t: Test, file: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', HOLDER, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  if (!child.stdout) throw new Error('no output');
  const [said] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
  return { child, said: String(said).trim() };
}
