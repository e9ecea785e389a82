import { firstBirthYoungerThan, MS_PER_DAY } from '@landfall/contracts/dataset/age';
import { type Definition, keyColumn, type TimestampField } from '@landfall/contracts/dataset/definition';
import { type TSchema, Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import type { Filter, InstantRange } from '../../filter/filter.ts';
import { parsePrefixRange } from '../../filter/prefix-range.ts';

/** Ids in one request. */
const MAX_IDS = 1_000;

/** The values of query parameters, as their schemas describe them. */
type Query = Readonly<Record<string, unknown>>;

const timestampFields = ({ fields }: Definition): TimestampField[] =>
  fields.filter((field) => field.type === 'timestamp');

/** The query parameters that select rows, by name, in the order of the OpenAPI document. */
export function filterParameters(definition: Definition): Record<string, TSchema> {
  const { name: rows, fields, companions, derived } = definition;
  const parameters: Record<string, TSchema> = {};
  for (const { name } of companions) {
    const description = `only ${rows} with (\`true\`) or without (\`false\`) the file \`${name}\``;
    parameters[`is_${name}_exists`] = Type.Boolean({ description });
  }
  for (const { name, maximum } of derived) {
    for (const [bound, words] of [
      ['min', 'at least'],
      ['max', 'at most'],
    ]) {
      const description = `${name} of ${words} this many whole years (by the calendar, UTC)`;
      parameters[`${bound}_${name}`] = Type.Integer({ minimum: 0, maximum, description });
    }
  }
  for (const { name, asked_as: prefix = name } of timestampFields(definition)) {
    for (const bound of ['after', 'before']) {
      const description = `${prefix} ${bound} this UTC day (\`2000-02-29\`), excluding the day itself`;
      parameters[`${prefix}_${bound}`] = Type.String({ format: 'date', description });
    }
  }
  parameters[keyColumn(definition)] = Type.Array(Type.String(), {
    maxItems: MAX_IDS,
    description: `only ${rows} with these ids; repeat the parameter for several ids`,
  });
  for (const { name, type } of fields) {
    if (type !== 'string') continue;
    const description = `exactly this \`${name}\`; with \`*\` at the end, values that begin with it`;
    parameters[name] = Type.String({ minLength: 1, description });
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([name, schema]) => [name, Type.Optional(schema)]),
  );
}

/**
 * Reads the filter of a request. Bounds of derived values and days become bounds of the timestamp.
 *
 * @param query the values of `filterParameters`; other parameters are ignored
 * @param now the request's clock, ms since 1970 UTC
 * @throws ApiError bad_parameter when a lower bound is above the upper one
 */
export function readFilter(definition: Definition, query: Query, now: number): Filter {
  const { fields, companions, derived } = definition;
  const ids = query[keyColumn(definition)];
  const ranges = timestampFields(definition).flatMap((field): [string, InstantRange][] => {
    const range = readRange(definition, field, query, now);
    return range.from === undefined && range.before === undefined ? [] : [[field.name, range]];
  });
  return {
    ids: Array.isArray(ids) ? ids : undefined,
    strings: new Map(
      fields.flatMap(({ name, type }) => {
        const range = type === 'string' ? parsePrefixRange(stringIn(query, name)) : undefined;
        return range ? [[name, range]] : [];
      }),
    ),
    ranges: new Map(ranges),
    companions: new Map(
      companions.flatMap(({ name }) => {
        const exists = query[`is_${name}_exists`];
        return typeof exists === 'boolean' ? [[name, exists]] : [];
      }),
    ),
    dependsOnDay: derived.some(
      ({ name }) =>
        integerIn(query, `min_${name}`) !== undefined || integerIn(query, `max_${name}`) !== undefined,
    ),
  };
}

/** The range of one timestamp: the intersection of all bounds on it. */
function readRange(
  { derived }: Definition,
  { name: field, asked_as: prefix = field }: TimestampField,
  query: Query,
  now: number,
): InstantRange {
  const lower: number[] = [];
  const upper: number[] = [];
  for (const { name } of derived.filter(({ years_since }) => years_since === field)) {
    const [min, max] = [integerIn(query, `min_${name}`), integerIn(query, `max_${name}`)];
    if (min !== undefined && max !== undefined && min > max) {
      throw emptyRangeError({ [`min_${name}`]: min, [`max_${name}`]: max });
    }
    if (max !== undefined) lower.push(firstBirthYoungerThan(max + 1, now));
    if (min !== undefined) upper.push(firstBirthYoungerThan(min, now));
  }
  const [after, before] = [stringIn(query, `${prefix}_after`), stringIn(query, `${prefix}_before`)];
  if (after !== undefined && before !== undefined && after >= before) {
    throw emptyRangeError({ [`${prefix}_after`]: after, [`${prefix}_before`]: before });
  }
  if (after !== undefined) lower.push(Date.parse(after) + MS_PER_DAY);
  if (before !== undefined) upper.push(Date.parse(before));
  return {
    from: lower.length === 0 ? undefined : Math.max(...lower),
    before: upper.length === 0 ? undefined : Math.min(...upper),
  };
}

/** @param bounds the two parameters that contradict each other, the lower bound first */
function emptyRangeError(bounds: Record<string, number | string>): ApiError {
  const [[low, lowest] = [], [high, highest] = []] = Object.entries(bounds);
  const detail = `Nothing can match: ${low} is ${lowest}, and ${high} is ${highest}.`;
  return new ApiError('bad_parameter', detail, { parameters: Object.keys(bounds) });
}

function integerIn(query: Query, name: string): number | undefined {
  const value = query[name];
  return typeof value === 'number' ? value : undefined;
}

function stringIn(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === 'string' ? value : undefined;
}
