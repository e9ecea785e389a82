import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { natsIsMissing } from '@landfall/test-servers/nats-server';
import { s3IsMissing } from '@landfall/test-servers/s3-server';

/**
 * Runs every test, or those of the files that are named, and says last what could not run. With
 * REQUIRE_ALL=1, as .ci/run has it, that is a failure.
 */
const files = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-test-'));
const results = path.join(folder, 'results.tap');

const named =
  files.length > 0 ? files : fs.globSync('{packages,services,scripts,test}/**/*.test.ts', { exclude });
// `min` prints failures only: what the others paint for a terminal is noise in a log.
const reporter = process.stdout.isTTY ? 'terse' : 'min';
const tap = spawn('tap', [`--reporter=${reporter}`, `--output-file=${results}`, ...named], {
  stdio: 'inherit',
});
const [code] = await once(tap, 'exit');

const { passed, failed, skipped } = countResults(fs.readFileSync(results, 'utf8'));
fs.rmSync(folder, { recursive: true, force: true });

const missing = [natsIsMissing(), s3IsMissing()].filter((reason) => reason !== undefined);
for (const reason of missing) console.log(`Did not run for want of a server: ${reason}`);
const incomplete = process.env.REQUIRE_ALL === '1' && (missing.length > 0 || skipped > 0);
if (incomplete) console.log('REQUIRE_ALL=1: what could not run counts as failed.');
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = incomplete ? 1 : (code ?? 1);

function exclude(name: string): boolean {
  return name === 'node_modules';
}

/** Counts the leaves of a TAP stream: the assertions, not the tests that hold them. */
function countResults(tap: string): { passed: number; failed: number; skipped: number } {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of tap.split('\n')) {
    const result = /^ *(not )?ok \d+(.*)$/.exec(line);
    if (!result || result[2]?.trimEnd().endsWith('{') || / # time=/.test(result[2] ?? '')) continue;
    if (/# SKIP/i.test(result[2] ?? '')) counts.skipped++;
    else counts[result[1] ? 'failed' : 'passed']++;
  }
  return counts;
}
