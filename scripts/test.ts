import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Runs all tests, or the named files, and lists at the end what could not run. With REQUIRE_ALL=1, as in .ci/run, that is a
 * failure.
 */
const files = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-test-'));
const results = path.join(folder, 'results.tap');

const named =
  files.length > 0 ? files : fs.globSync('{packages,services,scripts,bench,test}/**/*.test.ts', { exclude });
// `min` prints only failures, which suits a log.
const reporter = process.stdout.isTTY ? 'terse' : 'min';
// Tests start hundreds of processes and threads. With compiled modules in a cache, each start takes a third less CPU time.
const env = { ...process.env, NODE_COMPILE_CACHE: path.resolve('node_modules', '.cache', 'compiled') };
const tap = spawn('tap', [`--reporter=${reporter}`, `--output-file=${results}`, ...named], {
  stdio: 'inherit',
  env,
});
const [code] = await once(tap, 'exit');

const output = fs.readFileSync(results, 'utf8');
const { passed, failed, skipped } = countResults(output);
fs.rmSync(folder, { recursive: true, force: true });

// Comments of tests, such as figures, without tap's own.
for (const [, said] of output.matchAll(/^ *# (?!Subtest|time=|\{|No coverage)(.+)$/gm)) console.log(said);
// The reporter omits some failures: list every failed assertion, its tests and its file.
for (const [, name] of output.matchAll(/^ *not ok \d+ - (.+)$/gm)) console.log(`Failed: ${name}`);
console.log(`Slowest files: ${slowestFiles(output).join(', ')}`);
for (const [reason, tests] of skipped) console.log(`Did not run (${tests}): ${reason}`);
const incomplete = process.env.REQUIRE_ALL === '1' && skipped.size > 0;
if (incomplete) console.log('REQUIRE_ALL=1: what could not run counts as failed.');
const skips = [...skipped.values()].reduce((sum, tests) => sum + tests, 0);
console.log(`${passed} passed, ${failed} failed, ${skips} skipped`);
process.exitCode = incomplete ? 1 : (code ?? 1);

function exclude(name: string): boolean {
  return name === 'node_modules';
}

/** The files that took longest, with their time. The whole run must stay under 20 minutes. */
function slowestFiles(tap: string): string[] {
  return Array.from(tap.matchAll(/^(?:not )?ok \d+ - (\S+) # time=(\d+)/gm), ([, file = '', ms]) => ({
    file,
    seconds: Math.round(Number(ms) / 1_000),
  }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 12)
    .map(({ file, seconds }) => `${file} ${seconds} s`);
}

/** Counts the assertions of a TAP stream, and skipped tests by reason. */
function countResults(tap: string) {
  const counts = { passed: 0, failed: 0, skipped: new Map<string, number>() };
  for (const line of tap.split('\n')) {
    const [, not, rest = ''] = /^ *(not )?ok \d+(.*)$/.exec(line) ?? [];
    const reason = / # SKIP (.*)$/i.exec(rest)?.[1];
    if (reason !== undefined) counts.skipped.set(reason, (counts.skipped.get(reason) ?? 0) + 1);
    else if (rest !== '' && !rest.endsWith('{') && !/ # time=/.test(rest))
      counts[not ? 'failed' : 'passed']++;
  }
  return counts;
}
