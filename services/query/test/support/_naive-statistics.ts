import type { Definition, Field } from '@landfall/contracts/dataset/definition';
import type { Row, Value } from '@landfall/contracts/dataset/row';
import { jsonOf } from './_any-rows.ts';

/** The measured values of a row are integers, `scale` digits of which come after the point. */
interface Measured {
  scale: number;
  of: (row: Row) => bigint | undefined;
  isYears: boolean;
  isOptional: boolean;
}

/** The instant of a stored time, ms since 1970 UTC. */
const instant = (field: Field, value: Value): number =>
  typeof value === 'string'
    ? Date.parse(value)
    : Number(value) * (field.type === 'timestamp' && field.unit === 's' ? 1_000 : 1);

/** Whole years from one UTC day to another by their texts; 29 February counts as 1 March in common years. */
function wholeYears(from: number, to: number): number {
  const [first, last] = [from, to].map((ms) => /^(.*)-(..-..)T/.exec(new Date(ms).toISOString()) ?? []);
  const [, firstYear, firstDay = ''] = first ?? [];
  const [, lastYear, lastDay = ''] = last ?? [];
  return Number(lastYear) - Number(firstYear) - (lastDay < firstDay ? 1 : 0);
}

function measured(definition: Definition, name: string, now: number): Measured {
  const derived = definition.derived.find((each) => each.name === name);
  const field = definition.fields.find((each) => each.name === (derived?.years_since ?? name));
  if (!field) throw new Error(name);
  return {
    scale: field.type === 'decimal' ? field.scale : 0,
    isYears: derived !== undefined,
    isOptional: field.optional ?? false,
    of(row) {
      const value = row[field.name] ?? null;
      if (value === null) return undefined;
      return BigInt(derived ? wholeYears(instant(field, value), now) : value);
    },
  };
}

/** A fraction as decimal digits; `digits` of them after the point. */
function divided(dividend: bigint, divisor: bigint, digits: number): string {
  const scaled = (dividend * 10n ** BigInt(digits)) / divisor;
  const text = String(scaled < 0n ? -scaled : scaled).padStart(digits + 1, '0');
  const [whole, fraction] = [text.slice(0, text.length - digits), text.slice(text.length - digits)];
  return `${scaled < 0n ? '-' : ''}${whole}${digits === 0 ? '' : `.${fraction}`}`;
}

const byValue = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** The members of one measure, from its sorted values. */
function measureMembers(
  name: string,
  { scale, of, isYears }: Measured,
  rows: readonly Row[],
  first: boolean,
): string {
  const values = rows.flatMap((row) => of(row) ?? []).sort(byValue);
  const sum = values.reduce((total, value) => total + value, 0n);
  const [least, most] = [values[0], values.at(-1)];
  const [low, high] = [values[(values.length - 1) >> 1] ?? 0n, values[values.length >> 1] ?? 0n];
  const one = 10n ** BigInt(scale);
  const text = (value: bigint | undefined) => (value === undefined ? 'null' : divided(value, one, scale));
  const middle =
    (low + high) % 2n === 0n ? text((low + high) / 2n) : divided((low + high) * 5n, one * 10n, scale + 1);
  // 400 digits are exact enough for the double that is nearest.
  const average = Number(divided(sum, one * BigInt(values.length || 1), 400));
  return [
    `"average_${name}":${values.length === 0 ? 'null' : average}`,
    ...(first ? [`"count":${rows.length}`] : []),
    `"min_${name}":${text(least)}`,
    `"max_${name}":${text(most)}`,
    `"median_${name}":${values.length === 0 ? 'null' : middle}`,
    ...(isYears ? [] : [`"sum_${name}":${text(sum)}`]),
  ].join();
}

function companionMembers({ companions }: Definition, rows: readonly Row[]): string[] {
  return companions.map(
    ({ name, column }) => `"with_${name}":${rows.filter((row) => row[column] !== null).length}`,
  );
}

/** The rows by the JSON text of a value, in the order in which the values are given. */
function entries(definition: Definition, name: string, groups: [text: string, rows: Row[]][]): string[] {
  return groups
    .filter(([, rows]) => rows.length > 0)
    .map(([text, rows]) =>
      [`{"${name}":${text}`, `"count":${rows.length}`, ...companionMembers(definition, rows)].join(),
    )
    .map((entry) => `${entry}}`);
}

function histogramEntries(definition: Definition, name: string, rows: readonly Row[], now: number): string[] {
  const field = definition.fields.find((each) => each.name === name);
  if (field?.type === 'enum' || field?.type === 'boolean') {
    const values: Value[] = field.type === 'enum' ? [...field.values, null] : [0, 1, null];
    return entries(
      definition,
      name,
      values.map((value) => [jsonOf(field, value), rows.filter((row) => row[name] === value)]),
    );
  }
  const { of, scale } = measured(definition, name, now);
  const values = [...new Set(rows.flatMap((row) => of(row) ?? []))].sort(byValue);
  return entries(
    definition,
    name,
    values.map((value) => [
      divided(value, 10n ** BigInt(scale), scale),
      rows.filter((row) => of(row) === value),
    ]),
  );
}

/** The values of the parameter `histogram`. */
export function histogramParameters({ fields, derived, statistics }: Definition): string[] {
  const columns = fields.filter(({ type }) => type === 'enum' || type === 'boolean').map(({ name }) => name);
  const years = statistics.filter((name) => derived.some((each) => each.name === name));
  const isYearsOnly = columns.length === 0 && years.length === 1 && statistics.length === 1;
  return [...(years.length > 0 ? ['true'] : []), ...(isYearsOnly ? [] : [...statistics, ...columns])];
}

/** The body of `GET /stats`, computed from the rows that match. A number has at most 200 distinct values. */
export function naiveStatistics(
  definition: Definition,
  rows: readonly Row[],
  histogram: string,
  now: number,
): string {
  const { statistics, derived } = definition;
  const measures = statistics.map((name) => [name, measured(definition, name, now)] as const);
  const members = measures.map(([name, measure], i) => measureMembers(name, measure, rows, i === 0));
  if (measures.length === 0) members.push(`"count":${rows.length}`);
  members.push(...companionMembers(definition, rows));
  for (const [name, { of, isOptional }] of measures) {
    if (isOptional) members.push(`"with_${name}":${rows.filter((row) => of(row) !== undefined).length}`);
  }
  if (histogram !== '') {
    const firstYears = statistics.find((name) => derived.some((each) => each.name === name)) ?? '';
    const name = histogram === 'true' ? firstYears : histogram;
    members.push(`"histogram":[${histogramEntries(definition, name, rows, now).join()}]`);
  }
  return `{${members.join()}}`;
}
