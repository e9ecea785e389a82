import fs from 'node:fs';
import path from 'node:path';
import { type FileResult, runFiles } from './test-files/run-file.ts';
import { commentsOf, countResults, failuresOf } from './test-files/tap-output.ts';

/** A file ends itself by a timeout, unless it blocks its event loop. The fault tests have an hour. */
const KILL_AFTER_MS = 90 * 60_000;

/**
 * Runs all tests, or the named files, `TAP_JOBS` (2) at a time, and lists at the end what could not run. With REQUIRE_ALL=1, as in
 * .ci/run, that is a failure.
 */
const args = process.argv.slice(2);
const files =
  args.length > 0
    ? args
    : fs.globSync('{packages,services,scripts,bench,test}/**/*.test.ts', { exclude }).sort();
const env = {
  // Seconds; the longest of the usual files takes a minute.
  TAP_TIMEOUT: '300',
  // Tests start hundreds of processes and threads. With compiled modules in a cache, each start takes a third less CPU time.
  NODE_COMPILE_CACHE: path.resolve('node_modules', '.cache', 'compiled'),
  ...process.env,
};
const results: FileResult[] = [];
const options = { jobs: Number(process.env.TAP_JOBS ?? 2), env, killAfterMs: KILL_AFTER_MS };
await runFiles(files, options, (result) => {
  results.push(result);
  const { file, isOk, ms, tap } = result;
  if (isOk && !process.stdout.isTTY) return;
  console.log(`${isOk ? 'ok' : 'FAILED'} ${file} (${Math.round(ms / 100) / 10} s)`);
  if (!isOk) console.log(failuresOf(tap));
});

const output = results.map(({ tap }) => tap).join('\n');
const { passed, failed, skipped } = countResults(output);
for (const said of commentsOf(output)) console.log(said);
const failedFiles = results.filter(({ isOk }) => !isOk);
for (const { file } of failedFiles) console.log(`Failed: ${file}`);
// The whole run must stay under 20 minutes.
const slowest = results.toSorted((a, b) => b.ms - a.ms).slice(0, 12);
console.log(
  `Slowest files: ${slowest.map(({ file, ms }) => `${file} ${Math.round(ms / 1_000)} s`).join(', ')}`,
);
for (const [reason, tests] of skipped) console.log(`Did not run (${tests}): ${reason}`);
const isIncomplete = process.env.REQUIRE_ALL === '1' && skipped.size > 0;
if (isIncomplete) console.log('REQUIRE_ALL=1: what could not run counts as failed.');
const skips = [...skipped.values()].reduce((sum, tests) => sum + tests, 0);
console.log(`${passed} passed, ${failed} failed, ${skips} skipped`);
process.exitCode = isIncomplete || failedFiles.length > 0 ? 1 : 0;

function exclude(name: string): boolean {
  return name === 'node_modules';
}
