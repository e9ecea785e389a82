import { changeDataSet } from '../data/dataset.ts';
import { measure } from '../ingest/leg.ts';
import type { Arena } from '../query/arena.ts';
import { openClient } from '../query/client.ts';
import { randomPages, WIDE } from '../query/questions.ts';
import { openSingleClient } from '../query/single-client.ts';
import { warm } from '../query/warm.ts';
import type { Figure } from '../report/figure.ts';
import { median, quantile } from '../report/statistics.ts';

const CHANGES = 1_000;
/** As many as are kept, with what was there and one before that does not count: pages are of the first generation. */
const DELTAS = 8;
/** What a delta, and a page meanwhile, may take: in times of the bare transaction, and of a page when idle. */
const TIMES = 2;
/** Pages that are read while nothing else happens. */
const IDLE_PAGES = 2_000;

/**
 * Deltas, from the event to the first answer that has them, while somebody reads; the first one does not count.
 *
 * @param imported a database as sqlite3 imported it, which is changed
 */
export async function* deltaFigures(arena: Arena, imported: string): AsyncIterable<Figure> {
  const { landfall, root, manifest } = arena;
  const bare = await measure({
    leg: 'bare transactions',
    root,
    database: imported,
    changes: CHANGES,
    rounds: DELTAS,
  });
  const waiting = openClient(landfall.address);
  const reader = await openSingleClient(landfall.address);
  const pages = randomPages(manifest, 100_000, 400, WIDE, Date.now()).values();
  const next = () => pages.next().value ?? '/data?limit=100';
  await warm(arena, reader);
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
    title: `A delta of ${CHANGES.toLocaleString('en')} users, from its event to the first answer that has it`,
    claims: [
      {
        of: `${TIMES} times the bare transaction`,
        share: median(ours) / median(bare.ms) / TIMES,
        atMost: 1,
      },
      {
        of: `${TIMES} times p99 of a page when nothing else happens, p99 meanwhile`,
        share: quantile(meanwhile, 0.99) / quantile(idle, 0.99) / TIMES,
        atMost: 1,
      },
    ],
    lines: [
      `ours  ${whole(ours)}`,
      `bare  ${whole(bare.ms)}`,
      `pages when idle  ${quantiles(idle)}`,
      `pages meanwhile  ${quantiles(meanwhile)}`,
    ],
  };
}

const quantiles = (ms: number[]): string =>
  `p50 ${median(ms).toFixed(2)} ms, p99 ${quantile(ms, 0.99).toFixed(2)} ms, of ${ms.length}`;
