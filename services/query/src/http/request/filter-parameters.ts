import { bornBeforeToBe, MS_PER_DAY } from '@landfall/contracts/dataset/age';
import { type Static, Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import type { Filter } from '../../filter/filter.ts';
import { type PrefixRange, parsePrefixRange } from '../../filter/prefix-range.ts';

/** The oldest age that can be asked for, in years. */
const MAX_AGE = 150;
/** So many users can be named in one request. */
const MAX_USER_IDS = 1_000;

const age = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_AGE, description }));
const day = (description: string) => Type.Optional(Type.String({ format: 'date', description }));
const name = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));

/** The query parameters that select users. */
export const filterParameters = {
  is_image_exists: Type.Optional(
    Type.Boolean({ description: 'only users with an image (`true`), only those without (`false`)' }),
  ),
  min_age: age('at least this old, in whole years by the calendar, in UTC'),
  max_age: age('at most this old, in whole years by the calendar, in UTC'),
  born_after: day('born after this day, in UTC (`2000-02-29`); the day itself does not count'),
  born_before: day('born before this day, in UTC (`2000-02-29`); the day itself does not count'),
  user_id: Type.Optional(
    Type.Array(Type.String(), { maxItems: MAX_USER_IDS, description: 'only these users; may be repeated' }),
  ),
  first_name: name('this first name, exactly; with `*` at its end, those that begin so'),
  last_name: name('this last name, exactly; with `*` at its end, those that begin so'),
};
const Parameters = Type.Object(filterParameters);

/**
 * Turns ages and days into bounds of the birth.
 *
 * @param now the request's clock, ms since 1970 UTC
 * @throws ApiError bad_parameter when a lower bound is above the upper one
 */
export function readFilter(query: Static<typeof Parameters>, now: number): Filter {
  const { min_age: min, max_age: max, born_after: after, born_before: before } = query;
  if (min !== undefined && max !== undefined && min > max)
    throw contradiction({ min_age: min, max_age: max });
  if (after !== undefined && before !== undefined && after >= before) {
    throw contradiction({ born_after: after, born_before: before });
  }
  const born = {
    from: latest(
      max === undefined ? undefined : bornBeforeToBe(max + 1, now),
      after === undefined ? undefined : Date.parse(after) + MS_PER_DAY,
    ),
    before: earliest(
      min === undefined ? undefined : bornBeforeToBe(min, now),
      before === undefined ? undefined : Date.parse(before),
    ),
  };
  const isBounded = born.from !== undefined || born.before !== undefined;
  const { is_image_exists: hasImage } = query;
  return {
    ids: query.user_id,
    strings: prefixRanges({ first_name: query.first_name, last_name: query.last_name }),
    ranges: new Map(isBounded ? [['birthts', born]] : []),
    companions: new Map(hasImage === undefined ? [] : [['image', hasImage]]),
    dependsOnDay: min !== undefined || max !== undefined,
  };
}

function prefixRanges(texts: Record<string, string | undefined>): Map<string, PrefixRange> {
  const ranges = new Map<string, PrefixRange>();
  for (const [column, text] of Object.entries(texts)) {
    const range = parsePrefixRange(text);
    if (range) ranges.set(column, range);
  }
  return ranges;
}

function contradiction(bounds: Record<string, number | string>): ApiError {
  const [[low, lowest] = [], [high, highest] = []] = Object.entries(bounds);
  const detail = `nobody can match: ${low} is ${lowest}, and ${high} is ${highest}`;
  return new ApiError('bad_parameter', detail, { parameters: Object.keys(bounds) });
}

type Bound = number | undefined;
const latest = (a: Bound, b: Bound): Bound =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
const earliest = (a: Bound, b: Bound): Bound =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
