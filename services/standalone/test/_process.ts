import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Makes a folder that is removed after the test. */
export function temporary(t: Test): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-standalone-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Runs the program on a free port, as `pnpm start` does.
 *
 * @param cwd folder in which it runs; default: the test's
 */
export function start(t: Test, settings: NodeJS.ProcessEnv, cwd?: string) {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, PORT: '0', ...settings };
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const output = new EventEmitter();
  const ended = once(child, 'close').then(([code, signal]): string | number => signal ?? code);
  const addressPrinted = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text) => {
        printed += text;
        output.emit('text');
        const address = /Landfall serves at (http:\S+)\. Try:[\s\S]*Ctrl-C/.exec(printed)?.[1];
        if (address) resolve(address);
      });
    }
    ended.then(() => reject(new Error(`it ended:\n${printed}`)));
  });
  addressPrinted.catch(() => undefined);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    ended,
    printed: () => printed,
    pid: child.pid ?? 0,
    /** Resolves when it has printed a text. */
    async prints(text: RegExp): Promise<void> {
      while (!text.test(printed)) await once(output, 'text');
    },
    address: () => addressPrinted,
    async end(signal: NodeJS.Signals) {
      child.kill(signal);
      return await ended;
    },
  };
}
