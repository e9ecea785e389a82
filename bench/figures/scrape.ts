import path from 'node:path';
import type { BenchServers } from '../query/bench-servers.ts';
import { openClient } from '../query/client.ts';
import { asTargets, wrk } from '../query/wrk.ts';
import type { Figure } from '../report/figure.ts';
import { median } from '../report/statistics.ts';
import { makeRaces } from './rates.ts';

const SCRAPE_EVERY_MS = 1_000;

/** Measures answers per second while Prometheus scrapes every second, alternating with none. */
export async function* scrapeFigures(
  servers: BenchServers,
  rounds: number,
  forS: number,
): AsyncIterable<Figure> {
  const { folder, landfall } = servers;
  for (const { title, targets } of await makeRaces(servers)) {
    const [scraped, alone]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      // Of other requests each, for what is not cached.
      const asked = (of: number) => asTargets(path.join(folder, 'asked'), targets(of));
      alone.push((await wrk(landfall.address, asked(2 * round), forS)).rate);
      const stop = scrape(landfall.address);
      scraped.push((await wrk(landfall.address, asked(2 * round + 1), forS)).rate);
      await stop();
    }
    yield {
      title: `${title}, while /metrics is read every second`,
      claims: [{ of: 'the rate without', share: median(scraped) / median(alone), atLeast: 0.97 }],
      lines: [`scraped  ${rates(scraped)}`, `alone    ${rates(alone)}`],
    };
  }
}

/** @returns stops it */
function scrape(address: string): () => Promise<void> {
  const client = openClient(address);
  const scrapes: Promise<unknown>[] = [];
  const timer = setInterval(() => scrapes.push(client.ask('/metrics')), SCRAPE_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await Promise.all(scrapes);
    await client.close();
  };
}

const rates = (all: readonly number[]): string =>
  all.map((rate) => `${Math.round(rate).toLocaleString('en')}/s`).join(', ');
