import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { type FileResult, runFiles } from './run-file.ts';
import { commentsOf, countResults, failuresOf } from './tap-output.ts';

const TAP = pathToFileURL(path.resolve('node_modules/tap/dist/esm/index.js')).href;

t.test('files that fail, crash, hang or have no tests are failures, and the others are not', async (t) => {
  const folder = t.testdir({
    'good.mjs': `import t from '${TAP}'; t.comment('a figure'); t.test('one', async (t) => t.ok(true)); t.test('two', { skip: 'why' }, () => {});`,
    'bad.mjs': `import t from '${TAP}'; t.test('one', async (t) => t.equal(1, 2, 'the same'));`,
    'crash.mjs': `import t from '${TAP}'; t.ok(true); setImmediate(() => process.kill(process.pid, 'SIGKILL'));`,
    'hang.mjs': `import t from '${TAP}'; t.test('one', () => new Promise((resolve) => setTimeout(resolve, 1e6)));`,
    'blocked.mjs': 'for (;;) {}',
    'empty.mjs': '',
  });
  const results: Record<string, FileResult> = {};
  const files = fs.readdirSync(folder).map((name) => path.join(folder, name));
  const options = { jobs: 2, env: { ...process.env, TAP_TIMEOUT: '5' }, killAfterMs: 10_000 };
  await runFiles(files, options, (result) => {
    results[path.basename(result.file, '.mjs')] = result;
  });
  const isOk = Object.fromEntries(Object.entries(results).map(([name, result]) => [name, result.isOk]));
  t.same(isOk, { good: true, bad: false, crash: false, hang: false, blocked: false, empty: false });
  const outputOf = (name: string): string => results[name]?.tap ?? '';
  t.same(countResults(outputOf('good')), { passed: 1, failed: 0, skipped: new Map([['why', 1]]) });
  t.same(commentsOf(outputOf('good')), ['a figure']);
  t.equal(failuresOf(outputOf('good')), '');
  t.match(failuresOf(outputOf('bad')), /not ok 1 - the same[\s\S]*-2[\s\S]*\+1/);
  t.ok(countResults(outputOf('bad')).failed > 0);
  t.match(failuresOf(outputOf('crash')), 'not ok - the file ended with SIGKILL');
  t.match(failuresOf(outputOf('empty')), 'not ok - the file ended with no tests');
});
