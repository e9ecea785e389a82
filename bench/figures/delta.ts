import { changeDataSet } from '../data/dataset.ts';
import { measure } from '../ingest/measurement.ts';
import type { BenchServers } from '../query/bench-servers.ts';
import { openClient } from '../query/client.ts';
import { randomPages, WIDE } from '../query/requests.ts';
import { openSingleClient } from '../query/single-client.ts';
import { warm } from '../query/warm.ts';
import type { Figure } from '../report/figure.ts';
import { median, quantile } from '../report/statistics.ts';

const CHANGES = 1_000;
/** Number of deltas: the kept generations minus the first one and one for warm-up, since pages read generation 1. */
const DELTAS = 8;
/** Target as a multiple of the bare transaction, and of a page at idle. */
const TIMES = 2;
/** Number of pages at idle. */
const IDLE_PAGES = 2_000;

/**
 * Measures deltas from the event to the first answer that includes them, while a client reads pages. The first delta is warm-up.
 *
 * @param imported database imported by sqlite3; it is modified
 */
export async function* deltaFigures(servers: BenchServers, imported: string): AsyncIterable<Figure> {
  const { landfall, root, manifest } = servers;
  const bare = await measure({
    kind: 'bare transactions',
    root,
    database: imported,
    changes: CHANGES,
    rounds: DELTAS,
  });
  const waiting = openClient(landfall.address);
  const reader = await openSingleClient(landfall.address);
  const pages = randomPages(manifest, 100_000, 400, WIDE, Date.now()).values();
  const next = () => pages.next().value ?? '/data?limit=100';
  await warm(servers, reader);
  const idle = await reader.each(Array.from({ length: IDLE_PAGES }, next));

  const [ours, meanwhile]: [number[], number[]] = [[], []];
  async function loadOne(): Promise<void> {
    const { generation } = changeDataSet(root, CHANGES);
    let isServed = false;
    const start = performance.now();
    landfall.updated();
    const served = waiting.ask(`/data?limit=1&min_generation=${generation}`).then(() => {
      ours.push(performance.now() - start);
      isServed = true;
    });
    while (!isServed) meanwhile.push(await reader.ask(next()));
    await served;
  }
  await loadOne();
  ours.length = 0;
  meanwhile.length = 0;
  for (let i = 0; i < DELTAS; i++) await loadOne();
  await waiting.close();
  reader.close();

  const whole = (ms: number[]) => `${Math.round(median(ms))} ms (${ms.map(Math.round).join(', ')})`;
  yield {
    title: `Delta of ${CHANGES.toLocaleString('en')} rows, from its event to the first answer that includes it`,
    claims: [
      {
        of: `${TIMES} times the bare transaction`,
        share: median(ours) / median(bare.ms) / TIMES,
        atMost: 1,
      },
      {
        of: `${TIMES} times p99 of a page at idle, p99 during the load`,
        share: quantile(meanwhile, 0.99) / quantile(idle, 0.99) / TIMES,
        atMost: 1,
      },
    ],
    lines: [
      `ours  ${whole(ours)}`,
      `bare  ${whole(bare.ms)}`,
      `pages at idle  ${quantiles(idle)}`,
      `pages during the load  ${quantiles(meanwhile)}`,
    ],
  };
}

const quantiles = (ms: number[]): string =>
  `p50 ${median(ms).toFixed(2)} ms, p99 ${quantile(ms, 0.99).toFixed(2)} ms, of ${ms.length}`;
