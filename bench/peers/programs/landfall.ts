import path from 'node:path';
import { ageInYears, MS_PER_DAY, utcDay } from '@landfall/contracts/dataset/age';
import { encodeCursor } from '@landfall/query/http/request/cursor';
import { canonicalQuery, nextPageLink } from '@landfall/query/http/request/pagination';
import { startServer } from '../../query/server.ts';
import { agesIn, isNear } from '../answers.ts';
import type { Peer, Published, Serving } from '../peer.ts';
import { LIMIT, type Window } from '../peer-requests.ts';

/** Landfall's query service over HTTP. */
export const landfall: Peer = {
  name: 'Landfall',
  async install(folder) {
    return { version: 'this commit', start: (published) => start(published, folder) };
  },
};

async function start({ root, manifest }: Published, folder: string): Promise<Serving> {
  const server = await startServer({ serve: 'query', root, stateDir: path.join(folder, 'state') });
  const today = utcDay(Date.now());
  return {
    ...server,
    page({ after, ...window }) {
      const query = { limit: LIMIT, ...daysOf(window) };
      // The others take the last id; Landfall's cursor names the first row.
      const from = String(Number(after) + 1);
      const link = nextPageLink('/data', query, encodeCursor(manifest, today, from, canonicalQuery(query)));
      return { path: link.slice(1, link.indexOf('>')) };
    },
    mean: (window) => ({ path: `/stats?${new URLSearchParams(daysOf(window))}` }),
    all: { path: '/data' },
    // Landfall filters by age in whole calendar years, the others by birth.
    isMean(answer, births) {
      const { count, average_age: mean } = agesIn(answer);
      const years = births.reduce((sum, birth) => sum + ageInYears(birth, Date.now()), 0);
      return count === births.length && isNear(mean, years / births.length, 1e-9);
    },
  };
}

/** The exclusive days around a range. */
const daysOf = ({ fromDay, beforeDay }: Window) => ({
  born_after: dayText(fromDay - 1),
  born_before: dayText(beforeDay),
});
const dayText = (day: number): string => new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
