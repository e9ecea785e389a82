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
// No reference to the lock is left.
for (let i = 0; i < 5; i++) {
  gc();
  await new Promise(setImmediate);
}
console.log(answer);
setInterval(() => undefined, 1000);
`;

t.test('one process holds a lock at a time, and a released lock can be acquired again', async (t) => {
  const file = path.join(temporary(t), 'new/folder/x.lock');
  const lock = openLock(file);
  t.ok(lock);
  t.equal(openLock(file), undefined, 'also in the process that holds it');
  lock?.release();
  const again = openLock(file);
  t.ok(again);
  again?.release();
});

t.test('a lock is free after its process was killed', async (t) => {
  const file = path.join(temporary(t), 'x.lock');
  const holder = await startHolder(t, file);
  t.equal(holder.answer, 'held');
  t.equal(openLock(file), undefined);
  t.equal((await startHolder(t, file)).answer, 'refused');
  holder.child.kill('SIGSTOP');
  t.equal(openLock(file), undefined, 'a paused process still holds it');
  const exit = once(holder.child, 'exit');
  holder.child.kill('SIGKILL');
  await exit;
  const lock = openLock(file);
  t.ok(lock);
  lock?.release();
});

t.test('a folder that cannot be used is an error that says why', async (t) => {
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

async function startHolder(t: Test, file: string): Promise<{ child: ChildProcess; answer: string }> {
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', HOLDER, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  if (!child.stdout) throw new Error('no output');
  const [answer] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
  return { child, answer: String(answer).trim() };
}
