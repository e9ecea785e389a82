/** Writes docs/metrics.md from the registry. A test compares both. */
import fs from 'node:fs';
import { metricsDoc } from './metrics-doc/metrics-doc.ts';

fs.writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsDoc());
