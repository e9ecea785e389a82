import type { BenchServers } from '../query/bench-servers.ts';
import { emptyPages, randomPages } from '../query/requests.ts';
import { openSingleClient } from '../query/single-client.ts';
import { warm } from '../query/warm.ts';
import type { Figure } from '../report/figure.ts';
import { quantile } from '../report/statistics.ts';

/** Target of a page, ms. */
const WITHIN_MS = 3;
const PAGES = 1_000;
/** Requests for warm-up: the first ones plan statements. */
const FIRST = 300;

/** Measures pages with few or no matches, in sequence. */
export async function* pageFigures(servers: BenchServers): AsyncIterable<Figure> {
  const { landfall, manifest } = servers;
  const now = Date.now();
  const client = await openSingleClient(landfall.address);
  await warm(servers, client);
  for (const [title, pages] of [
    ['Pages of 1 to 5 years of age', randomPages(manifest, FIRST + PAGES, 300, { from: 0, to: 4 }, now)],
    ['Pages of filters without matches', emptyPages(FIRST + PAGES)],
  ] as const) {
    const ms = (await client.each(pages)).slice(FIRST);
    const [p50, p99, most] = [quantile(ms, 0.5), quantile(ms, 0.99), Math.max(...ms)];
    yield {
      title: `${title}, in sequence`,
      claims: [{ of: `${WITHIN_MS} ms, p99 of ${PAGES}`, share: p99 / WITHIN_MS, atMost: 1 }],
      lines: [`p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, most ${most.toFixed(2)} ms`],
    };
  }
  client.close();
}
