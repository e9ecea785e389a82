import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

/**
 * Runs the fault tests, one file after the other: real processes and servers that are killed, cut, slowed and lied to.
 * All rounds of each by default; `--quick` runs the selection of `.ci/run`. Names of scenarios select some of them.
 */
const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const names = args.filter((each) => !each.startsWith('--'));
const files = fs
  .globSync('test/faults/*.faults.ts')
  .filter((file) => names.length === 0 || names.some((name) => file.includes(`/${name}.`)))
  .sort();
/** Seconds a file may take. */
const timeout = isQuick ? 300 : 3_600;

const env = {
  ...process.env,
  FAULTS: isQuick ? 'quick' : 'all',
  TAP_TIMEOUT: String(timeout),
  TAP_JOBS: '1',
};
const run = spawn(process.execPath, ['scripts/test.ts', ...files], { env, stdio: 'inherit' });
const [code] = await once(run, 'exit');
process.exitCode = code ?? 1;
