import { utcDay } from '@landfall/contracts/dataset/age';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { encodeCursor } from '@landfall/query/http/request/cursor';
import { canonicalQuery, nextPageLink } from '@landfall/query/http/request/pagination';
import { randomFrom } from '../../scripts/seed-data/random.ts';
import { rowIdAt } from '../data/row-ids.ts';

/** Users a page. */
export const LIMIT = 100;
/** Width of an age range that matches many rows, years. */
export const WIDE = { from: 20, to: 60 };

/** Generates random filters, deterministic for a seed. */
function* filters(seed: number, window: { from: number; to: number }) {
  const random = randomFrom(seed);
  for (;;) {
    const years = window.from + Math.floor(random() * (window.to - window.from + 1));
    const min_age = 2 + Math.floor(random() * (94 - years));
    const image = Math.floor(random() * 3);
    const filter = {
      min_age,
      max_age: min_age + years,
      ...(image > 0 ? { is_image_exists: image > 1 } : {}),
    };
    yield { filter, random };
  }
}

/**
 * Generates pages after random rows, with random filters.
 *
 * @param window width of the age range, years
 * @param clock ms since 1970 UTC
 */
export function randomPages(
  at: Manifest,
  count: number,
  seed: number,
  window: { from: number; to: number },
  clock: number,
): string[] {
  return take(count, filters(seed, window), ({ filter, random }) => {
    const query = { limit: LIMIT, ...filter };
    const from = rowIdAt(Math.floor(random() * at.rows));
    const link = nextPageLink('/data', query, encodeCursor(at, utcDay(clock), from, canonicalQuery(query)));
    return link.slice(1, link.indexOf('>'));
  });
}

/** Generates pages of filters without matches, by age, birth, name and id. */
export function emptyPages(count: number): string[] {
  const kinds = ['min_age=120', 'born_after=2024-01-0', 'last_name=Nobody', 'first_name=Ada&last_name=No*'];
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length] ?? '';
    return `/data?limit=${LIMIT + i}&${kind.endsWith('-0') ? `${kind}${1 + (i % 9)}` : kind}`;
  });
}

/** Generates `/stats` requests with random filters. */
export function randomStats(count: number, seed: number): string[] {
  return take(count, filters(seed, { from: 0, to: 80 }), ({ filter, random }) => {
    const born = random() < 0.5 ? { born_after: new Date(random() * 1e12).toISOString().slice(0, 10) } : {};
    const parameters = Object.entries({ ...filter, ...born }).map(([name, value]) => `${name}=${value}`);
    return `/stats?${parameters.join('&')}`;
  });
}

function take<From, To>(count: number, items: Iterator<From>, made: (item: From) => To): To[] {
  return Array.from({ length: count }, () => {
    const { value, done } = items.next();
    if (done) throw new RangeError(`there are no ${count}`);
    return made(value);
  });
}
