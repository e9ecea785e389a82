import type { Changed } from '../ingest/source-changes.ts';
import type { Figure } from '../report/figure.ts';
import { median, quantile } from '../report/statistics.ts';

/** Target without the debounce time, ms. */
const WITHIN_MS = 1_000;

/** @param fullRunMs time of a first run, if measured */
export function changeFigure(
  title: string,
  { ms, requests }: Changed,
  fullRunMs: number | undefined,
): Figure {
  const p95 = quantile(ms, 0.95);
  const [p50, most] = [median(ms), Math.max(...ms)].map(Math.round);
  return {
    title,
    claims: [
      { of: `${WITHIN_MS} ms, p95 of ${ms.length}`, share: p95 / WITHIN_MS, atMost: 1 },
      ...(fullRunMs === undefined ? [] : [{ of: 'a first run', share: p95 / fullRunMs, atMost: 0.1 }]),
    ],
    lines: [
      `p50 ${p50} ms, p95 ${Math.round(p95)} ms, most ${most} ms`,
      // Without the checksum of the snapshot's key.
      `store requests: ${requests.map((each) => each.replace(/-[0-9a-f]{64}/, '-…')).join(', ')}`,
    ],
  };
}
