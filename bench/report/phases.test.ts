import fs from 'node:fs';
import t from 'tap';
import { PHASE_FILES, timeByPhase } from './phases.ts';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, scriptId: '0', lineNumber: 0, columnNumber: 0 },
  children,
});

t.test('a sample belongs to the innermost known file', async (t) => {
  const phases = timeByPhase({
    nodes: [
      node(1, '(root)', '', [2, 6, 7, 8]),
      node(2, 'fetchRecords', 'file:///services/ingestor/src/fetch/fetch.ts', [3]),
      node(3, 'parseRecord', 'file:///services/ingestor/src/parse/parse.ts', [4]),
      node(4, 'parse', 'file:///node_modules/csv-parse/lib/sync.js', [5]),
      node(5, 'decode', 'node:internal/encoding'),
      node(6, '(idle)', ''),
      node(7, '(garbage collector)', ''),
      node(8, 'onRead', 'file:///node_modules/undici/lib/client.js'),
    ],
    samples: [5, 2, 6, 7, 8, 1],
    timeDeltas: [1_000, 2_000, 3_000, 4_000, 5_000, 6_000],
    startTime: 0,
    endTime: 21_000,
  });
  t.match(phases, { parse: 1, fetch: 7, wait: 3, 'collect garbage': 4, other: 6, list: 0, write: 0 });
});

t.test('every pattern matches a file, so that a renamed file does not lose its phase', async (t) => {
  const cwd = new URL('../../', import.meta.url);
  const files = fs.globSync('{packages,services}/*/src/**/*.ts', { cwd }).map((file) => `/${file}`);
  for (const [pattern, phase] of PHASE_FILES) {
    for (const alternative of pattern.source.replace(/^\|/, '').split(/(?<!\\)\|(?![^(]*\))/)) {
      if (alternative.includes('undici')) continue;
      t.ok(
        files.some((file) => new RegExp(alternative).test(file)),
        `${phase}: ${alternative}`,
      );
    }
  }
});
