import fs from 'node:fs';
import t from 'tap';
import { metricsDoc } from '../scripts/metrics-doc/metrics-doc.ts';

t.test('docs/metrics.md is that of the registry: run pnpm metrics-doc', async (t) => {
  t.equal(fs.readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8'), metricsDoc());
});
