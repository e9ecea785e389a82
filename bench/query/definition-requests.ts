import { utcDay } from '@landfall/contracts/dataset/age';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { decimalText } from '@landfall/contracts/values/decimal';
import { encodeCursor } from '@landfall/query/http/request/cursor';
import { canonicalQuery, nextPageLink } from '@landfall/query/http/request/pagination';
import { randomFrom } from '../../scripts/seed-data/random.ts';
import { rangeOf } from '../data/definition-rows.ts';
import { rowIdAt } from '../data/row-ids.ts';
import { LIMIT } from './requests.ts';

/** Widest range of a filter on the first statistic, as a share of all its values. */
const WIDE = { from: 0.2, to: 0.65 };
/** Ages are spread over these years. */
const YEARS = { low: 2, high: 96 };

/** Random ranges of the first statistic, deterministic for a seed. */
function* ranges(definition: Definition, seed: number): Generator<Record<string, string | number>, never> {
  const random = randomFrom(seed);
  const [name = ''] = definition.statistics;
  const field = definition.fields.find((each) => each.name === name);
  const scale = field?.type === 'decimal' ? field.scale : 0;
  const { low, high } = field ? rangeOf(field) : YEARS;
  for (;;) {
    const width = WIDE.from + random() * (WIDE.to - WIDE.from);
    const from = low + Math.floor((high - low) * random() * (1 - width));
    const to = from + Math.floor((high - low) * width);
    // As the parsed values of the parameters: the cursor belongs to these.
    const value = (bound: number) => (scale === 0 ? bound : decimalText(bound, scale));
    yield { [`min_${name}`]: value(from), [`max_${name}`]: value(to) };
  }
}

/** Generates pages after random rows, with random filters; no two are the same. */
export function pagesOf(definition: Definition, at: Manifest, count: number, seed: number): string[] {
  const random = randomFrom(seed + 1);
  const filters = ranges(definition, seed);
  return Array.from({ length: count }, () => {
    const query = { limit: LIMIT, ...filters.next().value };
    const from = rowIdAt(Math.floor(random() * at.rows));
    const cursor = encodeCursor(at, utcDay(Date.now()), from, canonicalQuery(query));
    const link = nextPageLink('/data', query, cursor);
    return link.slice(1, link.indexOf('>'));
  });
}

/** Generates `/stats` requests with random filters. */
export function statsOf(definition: Definition, count: number, seed: number): string[] {
  const filters = ranges(definition, seed);
  const random = randomFrom(seed + 1);
  const after = afterParameter(definition);
  return Array.from({ length: count }, () => {
    const day = new Date(random() * 1e12).toISOString().slice(0, 10);
    return `/stats?${queryText({ ...filters.next().value, ...(after ? { [after]: day } : {}) })}`;
  });
}

/** There are few ranges of years: a day beside them keeps answers from being cached. */
function afterParameter({ statistics, derived, fields }: Definition): string | undefined {
  const years = derived.find(({ name }) => name === statistics[0])?.years_since;
  const field = fields.find((each) => each.name === years);
  if (field?.type !== 'date' && field?.type !== 'timestamp') return undefined;
  return `${field.asked_as ?? field.name}_after`;
}

const queryText = (query: Record<string, string | number>): string =>
  Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
