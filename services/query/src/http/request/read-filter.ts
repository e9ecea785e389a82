import { firstBirthYoungerThan, MS_PER_DAY } from '@landfall/contracts/dataset/age';
import {
  type Definition,
  type Field,
  isTimeField,
  keyColumn,
  type TimeField,
} from '@landfall/contracts/dataset/definition';
import { oncePer } from '@landfall/contracts/once-per';
import { isStoredAsNumber } from '@landfall/contracts/values/canonical';
import { decimalText, parseDecimal } from '@landfall/contracts/values/decimal';
import { storedTime } from '@landfall/contracts/values/time';
import { ApiError } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';
import type { Filter, Term } from '../../filter/filter.ts';
import { parsePrefixRange } from '../../filter/prefix-range.ts';

/** The values of query parameters, as their schemas describe them. */
type Query = Readonly<Record<string, unknown>>;

/** The parameters of a definition, by what they restrict. Built once: names that are joined per request take 3 µs. */
interface ParameterNames {
  ids: string;
  strings: string[];
  enums: string[];
  booleans: string[];
  numbers: { field: NumberField; min: string; max: string }[];
  companions: { name: string; exists: string }[];
  optional: { field: Field; exists: string }[];
  times: {
    field: TimeField;
    after: string;
    before: string;
    derived: { min: string; max: string }[];
  }[];
}

type NumberField = Extract<Field, { type: 'integer' | 'decimal' }>;

/** Characters of a value that an error quotes. */
const MAX_QUOTED = 60;

const parameterNamesOf = oncePer((definition: Definition): ParameterNames => {
  const { fields, companions, derived } = definition;
  const named = (type: Field['type']) =>
    fields.filter((field) => field.type === type).map(({ name }) => name);
  return {
    ids: keyColumn(definition),
    strings: named('string'),
    enums: named('enum'),
    booleans: named('boolean'),
    numbers: fields
      .filter((field) => field.type === 'integer' || field.type === 'decimal')
      .map((field) => ({ field, min: `min_${field.name}`, max: `max_${field.name}` })),
    companions: companions.map(({ name }) => ({ name, exists: `is_${name}_exists` })),
    optional: fields
      .filter((field) => field.optional)
      .map((field) => ({ field, exists: `is_${field.name}_exists` })),
    times: fields.filter(isTimeField).map((field) => {
      const { name, asked_as: prefix = name } = field;
      return {
        field,
        after: `${prefix}_after`,
        before: `${prefix}_before`,
        derived: derived
          .filter(({ years_since }) => years_since === name)
          .map((each) => ({ min: `min_${each.name}`, max: `max_${each.name}` })),
      };
    }),
  };
});

/**
 * Reads the filter of a request. Bounds of derived values and days become bounds of the date or timestamp.
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
    if (text !== undefined) addTerms(filter.fields, name, textTerms(text));
  }
  for (const { name, exists } of names.companions) {
    const value = query[exists];
    if (typeof value === 'boolean') filter.companions.set(name, value);
  }
  for (const name of names.enums) {
    const values = query[name];
    if (Array.isArray(values)) addTerms(filter.fields, name, [['IN', JSON.stringify(values)]]);
  }
  for (const name of names.booleans) {
    const value = query[name];
    if (typeof value === 'boolean') addTerms(filter.fields, name, [['=', value ? 1 : 0]]);
  }
  for (const number of names.numbers) {
    addTerms(filter.fields, number.field.name, numberTerms(number, query));
  }
  for (const time of names.times) {
    addTerms(filter.fields, time.field.name, timeTerms(time, query, now));
    for (const { min, max } of time.derived) {
      if (query[min] !== undefined || query[max] !== undefined) filter.dependsOnDay = true;
    }
  }
  for (const { field, exists } of names.optional) {
    const value = query[exists];
    if (typeof value === 'boolean') addTerms(filter.fields, field.name, [existsTerm(field, value)]);
  }
  return filter;
}

function addTerms(fields: Map<string, readonly Term[]>, name: string, terms: readonly Term[]): void {
  if (terms.length > 0) fields.set(name, [...(fields.get(name) ?? []), ...terms]);
}

/** Every value is at least the empty text, or minus infinity; a missing one is not comparable. */
const existsTerm = (field: Field, exists: boolean): Term =>
  exists ? ['>=', isStoredAsNumber(field) ? Number.NEGATIVE_INFINITY : ''] : ['IS', null];

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

function numberTerms({ field, min, max }: ParameterNames['numbers'][number], query: Query): Term[] {
  const value = numberIn(field, query, field.name);
  const [least, most] = [numberIn(field, query, min), numberIn(field, query, max)];
  if (least !== undefined && most !== undefined && least > most) {
    throw emptyRangeError({ [min]: String(query[min]), [max]: String(query[max]) });
  }
  const terms: Term[] = value === undefined ? [] : [['=', value]];
  if (least !== undefined) terms.push(['>=', least]);
  if (most !== undefined) terms.push(['<=', most]);
  return terms;
}

/**
 * The stored value of a number parameter.
 *
 * @throws ApiError bad_parameter when the scaled value is not a safe integer
 */
function numberIn(field: NumberField, query: Query, name: string): number | undefined {
  if (field.type === 'integer') return integerIn(query, name);
  const text = stringIn(query, name);
  if (text === undefined) return undefined;
  const value = parseDecimal(text, field.scale);
  if (typeof value === 'number') return value;
  const most = decimalText(Number.MAX_SAFE_INTEGER, field.scale);
  const detail = `${name} is ${truncate(JSON.stringify(text), MAX_QUOTED)}, but must be a number from -${most} to ${most}`;
  throw new ApiError('bad_parameter', detail, { parameters: [name] });
}

/** The range of one time: the intersection of all bounds on it. */
function timeTerms(
  { field, after, before, derived }: ParameterNames['times'][number],
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
  return rangeTerms(
    from === undefined ? undefined : storedTime(field, from),
    until === undefined ? undefined : storedTime(field, until),
  );
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
