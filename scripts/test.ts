import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Runs every test, or those of the files that are named, and says last what could not run. With
 * REQUIRE_ALL=1, as .ci/run has it, that is a failure.
 */
const files = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-test-'));
const results = path.join(folder, 'results.tap');

const named =
  files.length > 0 ? files : fs.globSync('{packages,services,scripts,bench,test}/**/*.test.ts', { exclude });
// `min` prints failures only: what the others paint for a terminal is noise in a log.
const reporter = process.stdout.isTTY ? 'terse' : 'min';
const tap = spawn('tap', [`--reporter=${reporter}`, `--output-file=${results}`, ...named], {
  stdio: 'inherit',
});
const [code] = await once(tap, 'exit');

const output = fs.readFileSync(results, 'utf8');
const { passed, failed, skipped } = countResults(output);
fs.rmSync(folder, { recursive: true, force: true });

// What tests have to say beside how they went: figures, say. The others are tap's own.
for (const [, said] of output.matchAll(/^ *# (?!Subtest|time=|\{|No coverage)(.+)$/gm)) console.log(said);
// The reporter does not tell of each: a failed leaf, and the tests and the file it is in, from the inside out.
for (const [, name] of output.matchAll(/^ *not ok \d+ - (.+)$/gm)) console.log(`Failed: ${name}`);
for (const [reason, tests] of skipped) console.log(`Did not run (${tests}): ${reason}`);
const incomplete = process.env.REQUIRE_ALL === '1' && skipped.size > 0;
if (incomplete) console.log('REQUIRE_ALL=1: what could not run counts as failed.');
const skips = [...skipped.values()].reduce((sum, tests) => sum + tests, 0);
console.log(`${passed} passed, ${failed} failed, ${skips} skipped`);
process.exitCode = incomplete ? 1 : (code ?? 1);

function exclude(name: string): boolean {
  return name === 'node_modules';
}

/** Counts the leaves of a TAP stream, the assertions; of what was skipped, the tests by reason. */
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
