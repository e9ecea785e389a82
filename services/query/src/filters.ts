import { bornBeforeToBe } from '@landfall/contracts/age';
import { Type } from 'typebox';
import { ApiError } from './problems.ts';

/** The oldest age that can be asked for, in years. */
const MAX_AGE = 150;
const age = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_AGE, description }));

/** The query parameters that select users. */
export const FilterQuery = Type.Object(
  {
    is_image_exists: Type.Optional(
      Type.Boolean({ description: 'only users with an image (`true`), only those without (`false`)' }),
    ),
    min_age: age('at least this old, in whole years by the calendar, in UTC'),
    max_age: age('at most this old, in whole years by the calendar, in UTC'),
  },
  { additionalProperties: false },
);

/** Which users are meant, in terms of what is stored. */
export interface Filter {
  hasImage: boolean | undefined;
  /** Born at this instant or later, ms since 1970 UTC; the start of a UTC day. */
  bornFrom: number | undefined;
  /** Born before this instant, ms since 1970 UTC; the start of a UTC day. */
  bornBefore: number | undefined;
  /** Whether the answer depends on what day it is. */
  dependsOnDay: boolean;
}

/**
 * Turns ages into bounds of the birth.
 *
 * @param now the request's clock, ms since 1970 UTC
 * @throws ApiError bad_parameter when `min_age` is above `max_age`
 */
export function readFilter(
  query: { is_image_exists?: boolean; min_age?: number; max_age?: number },
  now: number,
): Filter {
  const { is_image_exists: hasImage, min_age: min, max_age: max } = query;
  if (min !== undefined && max !== undefined && min > max) {
    throw new ApiError('bad_parameter', `min_age (${min}) is above max_age (${max})`, {
      parameters: ['min_age', 'max_age'],
    });
  }
  return {
    hasImage,
    bornFrom: max === undefined ? undefined : bornBeforeToBe(max + 1, now),
    bornBefore: min === undefined ? undefined : bornBeforeToBe(min, now),
    dependsOnDay: min !== undefined || max !== undefined,
  };
}

/** A WHERE clause, and the values for its placeholders. */
export interface Where {
  sql: string;
  values: number[];
}

/** The filter over `users`. Every value is bound. */
export function whereUsers({ hasImage, bornFrom, bornBefore }: Filter): Where {
  return where([
    ['(img_path IS NOT NULL) = ?', hasImage === undefined ? undefined : Number(hasImage)],
    ['birthts >= ?', bornFrom],
    ['birthts < ?', bornBefore],
  ]);
}

const MS_PER_DAY = 86_400_000;

/** The same filter over `birth_days`: its bounds are days, so nothing is lost. */
export function whereBirthDays({ hasImage, bornFrom, bornBefore }: Filter): Where {
  return where([
    ['has_image = ?', hasImage === undefined ? undefined : Number(hasImage)],
    ['birth_day >= ?', bornFrom === undefined ? undefined : bornFrom / MS_PER_DAY],
    ['birth_day < ?', bornBefore === undefined ? undefined : bornBefore / MS_PER_DAY],
  ]);
}

function where(conditions: [sql: string, value: number | undefined][]): Where {
  const given = conditions.filter((condition): condition is [string, number] => condition[1] !== undefined);
  const sql = given.length === 0 ? '' : `WHERE ${given.map(([condition]) => condition).join(' AND ')}`;
  return { sql, values: given.map(([, value]) => value) };
}
