import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

/**
 * Runs the fault tests, two files at a time: real processes and servers that are killed, paused, disconnected and given false answers.
 * By default all rounds; `--quick` runs the selection of `.ci/run`. Names select scenarios.
 */
const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const names = args.filter((each) => !each.startsWith('--'));
const files = fs
  .globSync('test/faults/*.faults.ts')
  .filter((file) => names.length === 0 || names.some((name) => file.includes(`/${name}.`)))
  .sort();
/** Timeout of a file, seconds. */
const timeout = isQuick ? 400 : 3_600;

const env = {
  ...process.env,
  FAULTS: isQuick ? 'quick' : 'all',
  TAP_TIMEOUT: String(timeout),
  TAP_JOBS: '2',
};
const run = spawn(process.execPath, ['scripts/test.ts', ...files], { env, stdio: 'inherit' });
const [code] = await once(run, 'exit');
process.exitCode = code ?? 1;
