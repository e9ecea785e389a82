import { firstBirthYoungerThan, MS_PER_DAY } from '@landfall/contracts/dataset/age';
import { type Definition, keyColumn, type TimestampField } from '@landfall/contracts/dataset/definition';
import { type TSchema, Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import type { Filter, Term } from '../../filter/filter.ts';
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

/** The parameters of a definition, by what they restrict. Built once: names that are joined per request take 3 µs. */
interface ParameterNames {
  ids: string;
  strings: string[];
  companions: { name: string; exists: string }[];
  timestamps: {
    field: string;
    after: string;
    before: string;
    derived: { min: string; max: string }[];
  }[];
}

const parameterNames = new WeakMap<Definition, ParameterNames>();

function parameterNamesOf(definition: Definition): ParameterNames {
  const known = parameterNames.get(definition);
  if (known) return known;
  const { fields, companions, derived } = definition;
  const names: ParameterNames = {
    ids: keyColumn(definition),
    strings: fields.filter(({ type }) => type === 'string').map(({ name }) => name),
    companions: companions.map(({ name }) => ({ name, exists: `is_${name}_exists` })),
    timestamps: timestampFields(definition).map(({ name: field, asked_as: prefix = field }) => ({
      field,
      after: `${prefix}_after`,
      before: `${prefix}_before`,
      derived: derived
        .filter(({ years_since }) => years_since === field)
        .map(({ name }) => ({ min: `min_${name}`, max: `max_${name}` })),
    })),
  };
  parameterNames.set(definition, names);
  return names;
}

/**
 * Reads the filter of a request. Bounds of derived values and days become bounds of the timestamp.
 *
 * @param query the values of `filterParameters`; other parameters are ignored
 * @param now the request's clock, ms since 1970 UTC
 * @throws ApiError bad_parameter when a lower bound is above the upper one
 */
export function readFilter(definition: Definition, query: Query, now: number): Filter {
  const names = parameterNamesOf(definition);
  const ids = query[names.ids];
  const filter = {
    ids: Array.isArray(ids) ? ids : undefined,
    fields: new Map<string, readonly Term[]>(),
    companions: new Map<string, boolean>(),
    dependsOnDay: false,
  };
  for (const name of names.strings) {
    const text = stringIn(query, name);
    if (text !== undefined) setTerms(filter.fields, name, textTerms(text));
  }
  for (const { name, exists } of names.companions) {
    const value = query[exists];
    if (typeof value === 'boolean') filter.companions.set(name, value);
  }
  for (const timestamp of names.timestamps) {
    setTerms(filter.fields, timestamp.field, instantTerms(timestamp, query, now));
    for (const { min, max } of timestamp.derived) {
      if (query[min] !== undefined || query[max] !== undefined) filter.dependsOnDay = true;
    }
  }
  return filter;
}

function setTerms(fields: Map<string, readonly Term[]>, name: string, terms: readonly Term[]): void {
  if (terms.length > 0) fields.set(name, terms);
}

function textTerms(text: string): Term[] {
  const range = parsePrefixRange(text);
  if (range === undefined) return [];
  return 'equals' in range ? [['=', range.equals]] : rangeTerms(range.from, range.before);
}

function rangeTerms(from: Term[1] | undefined, before: Term[1] | undefined): Term[] {
  const terms: Term[] = [];
  if (from !== undefined) terms.push(['>=', from]);
  if (before !== undefined) terms.push(['<', before]);
  return terms;
}

/** The range of one timestamp: the intersection of all bounds on it. */
function instantTerms(
  { after, before, derived }: ParameterNames['timestamps'][number],
  query: Query,
  now: number,
): Term[] {
  let from: number | undefined;
  let until: number | undefined;
  for (const { min, max } of derived) {
    const [least, most] = [integerIn(query, min), integerIn(query, max)];
    if (least !== undefined && most !== undefined && least > most) {
      throw emptyRangeError({ [min]: least, [max]: most });
    }
    if (most !== undefined) from = later(from, firstBirthYoungerThan(most + 1, now));
    if (least !== undefined) until = earlier(until, firstBirthYoungerThan(least, now));
  }
  const [first, last] = [stringIn(query, after), stringIn(query, before)];
  if (first !== undefined && last !== undefined && first >= last) {
    throw emptyRangeError({ [after]: first, [before]: last });
  }
  if (first !== undefined) from = later(from, Date.parse(first) + MS_PER_DAY);
  if (last !== undefined) until = earlier(until, Date.parse(last));
  return rangeTerms(from, until);
}

const later = (a: number | undefined, b: number): number => (a === undefined ? b : Math.max(a, b));
const earlier = (a: number | undefined, b: number): number => (a === undefined ? b : Math.min(a, b));

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
