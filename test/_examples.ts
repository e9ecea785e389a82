import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

export const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));

/** A Python with the packages of examples/requirements.txt; undefined when there is none. .ci/run makes it. */
export const examplesPython: string | undefined = process.env.EXAMPLES_PYTHON;

/** Why the Python examples cannot run. */
export const pythonIsMissing = (): string | undefined =>
  examplesPython && fs.existsSync(examplesPython)
    ? undefined
    : 'no EXAMPLES_PYTHON (python3 -m venv, pip install -r examples/requirements.txt)';

/** Starts a program that goes on printing. It is killed at the end of the test. */
export function startPrinting(t: Test, program: string, args: string[], settings: NodeJS.ProcessEnv) {
  const env = { PATH: process.env.PATH, PYTHONUTF8: '1', ...settings };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise((resolve) => child.once('close', resolve));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  let printed = '';
  return {
    /** What it has printed when it has printed the text, or at its end. */
    async prints(text: RegExp): Promise<string> {
      if (text.test(printed)) return printed;
      for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
        printed += chunk;
        if (text.test(printed)) break;
      }
      return printed;
    },
  };
}

/** The two subscribers of NATS. */
export const subscribers = (): [name: string, program: string, args: string[]][] => [
  ['TypeScript', process.execPath, [path.join(EXAMPLES, 'nats-subscriber.ts')]],
  ...(examplesPython
    ? [['Python', examplesPython, [path.join(EXAMPLES, 'nats_subscriber.py')]] as [string, string, string[]]]
    : []),
];
