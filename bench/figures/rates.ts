import path from 'node:path';
import type { BenchServers } from '../query/bench-servers.ts';
import { openClient } from '../query/client.ts';
import { LIMIT, randomPages, randomStats, WIDE } from '../query/requests.ts';
import { asTargets, type Rate, wrk } from '../query/wrk.ts';
import type { Figure } from '../report/figure.ts';
import { median } from '../report/statistics.ts';

/** Number of pages that are requested repeatedly. */
const AGAIN = 500;
/** Number of distinct requests: more than a round sends, so that none repeats. */
const PAGES = 40_000;
const FILTERS = 300_000;

/** Requests and their target. */
export interface Race {
  title: string;
  /** Requests of a round, each with the ETag to send, if any. */
  targets: (round: number) => readonly string[];
  ceiling: string;
  of: string;
  atLeast: number;
  /** Maximum of p99 divided by p50. */
  tail?: number;
}

/** Measures answers per second with 64 clients, alternating with bare Fastify that sends prepared bytes. */
export async function* rateFigures(
  servers: BenchServers,
  rounds: number,
  forS: number,
): AsyncIterable<Figure> {
  for (const race of await makeRaces(servers)) yield await run(servers, race, rounds, forS);
}

/** The requests whose rates are measured. */
export async function makeRaces(servers: BenchServers): Promise<Race[]> {
  const { manifest } = servers;
  const now = Date.now();
  const pages = randomPages(manifest, AGAIN, 1, WIDE, now);
  const tags = await tagsOf(servers, pages);
  const known = pages.map((page, i) => `${page}\t${tags[i]}`);
  return [
    { title: `Page of ${LIMIT}, cached`, targets: () => pages, ...BUFFER, atLeast: 0.8 },
    { title: 'Page that the client has (304)', targets: () => known, ...NOT_MODIFIED, atLeast: 0.85 },
    {
      title: `Page of ${LIMIT}, not cached, after a random row, age 20 or more`,
      targets: (round) => randomPages(manifest, PAGES, 100 + round, WIDE, now),
      ...BUFFER,
      atLeast: 0.15,
      tail: 5,
    },
    {
      title: 'Statistics of a random filter',
      targets: (round) => randomStats(FILTERS, 200 + round),
      ...TINY,
      atLeast: 0.7,
    },
  ];
}

const BUFFER = { ceiling: '/page', of: 'bare Fastify with a page in a Buffer' };
const NOT_MODIFIED = { ceiling: '/not-modified', of: 'a bare 304' };
const TINY = { ceiling: '/tiny', of: 'bare Fastify with the figures in a Buffer' };

async function run(
  { folder, landfall, bare }: BenchServers,
  race: Race,
  rounds: number,
  forS: number,
): Promise<Figure> {
  const [ours, theirs]: [Rate[], Rate[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const targets = race.targets(round);
    const asked = asTargets(path.join(folder, 'asked'), targets);
    // The same bytes except for the path, since longer requests cost both sides more.
    const elsewhere = targets.map((target) => target.replace(/^[^?]+/, race.ceiling));
    const ceiling = asTargets(path.join(folder, 'ceiling'), elsewhere);
    theirs.push(await wrk(bare.address, ceiling, forS));
    ours.push(await wrk(landfall.address, asked, forS));
  }
  const rate = (rates: Rate[]) => median(rates.map((each) => each.rate));
  const tail = median(ours.map(({ p50, p99 }) => p99 / p50));
  return {
    title: race.title,
    claims: [
      { of: race.of, share: rate(ours) / rate(theirs), atLeast: race.atLeast },
      ...(race.tail ? [{ of: `${race.tail} times p50, p99`, share: tail / race.tail, atMost: 1 }] : []),
    ],
    lines: [`ours  ${ratesText(ours)}`, `bare  ${ratesText(theirs)}`],
  };
}

function ratesText(rates: Rate[]): string {
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const of = (what: (rate: Rate) => number) => median(rates.map(what));
  const all = rates.map(({ rate }) => whole(rate)).join(', ');
  return `${whole(of(({ rate }) => rate))}/s (${all}), p50 ${of(({ p50 }) => p50).toFixed(1)} ms, p99 ${of(({ p99 }) => p99).toFixed(1)} ms`;
}

async function tagsOf({ landfall }: BenchServers, pages: string[]): Promise<string[]> {
  const client = openClient(landfall.address);
  const tags: string[] = [];
  for (const page of pages) tags.push((await client.ask(page)).etag);
  await client.close();
  return tags;
}
