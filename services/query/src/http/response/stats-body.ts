import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { decimalText } from '@landfall/contracts/values/decimal';
import { exactMean } from '../../statistics/exact-mean.ts';
import { EDGE_PARTS } from '../../statistics/histogram-bins.ts';
import type { HistogramSubject } from '../../statistics/histogram-subject.ts';
import { type Measure, measuresOf } from '../../statistics/measure.ts';
import type { HistogramEntry, MeasureSummary, Summary } from '../../statistics/summary.ts';

/**
 * Writes the body of `GET /stats` as JSON; see `statsSchema`. Numbers are written with all their digits: a double would round
 * decimals and large sums.
 */
export function statsBody(
  definition: Definition,
  { count, companions, measures, histogram }: Summary,
  subject: HistogramSubject | undefined,
): string {
  const members: string[] = [];
  for (const [i, write] of measureWriters(definition).entries()) {
    const measured = measures[i];
    if (measured) members.push(write(measured, i === 0 ? count : undefined));
  }
  if (measures.length === 0) members.push(`"count":${count}`);
  const names = companionMembers(definition);
  for (const [i, name] of names.entries()) members.push(`${name}:${companions[i] ?? 0}`);
  for (const [i, measure] of measuresOf(definition).entries()) {
    if (measure.field.optional) members.push(`"with_${measure.name}":${measures[i]?.rows ?? 0}`);
  }
  if (histogram && subject) {
    const entries = histogram.map((entry) => entryText(definition, subject, entry, names));
    members.push(`"histogram":[${entries.join()}]`);
  }
  return `{${members.join()}}`;
}

const companionNames = new WeakMap<Definition, string[]>();

/** The names of the members `with_…`, in JSON. */
function companionMembers(definition: Definition): string[] {
  const known = companionNames.get(definition);
  if (known) return known;
  const names = definition.companions.map(({ name }) => `"with_${name}"`);
  companionNames.set(definition, names);
  return names;
}

/** Writes the members of a measure. @param count the member `count`, when it is among them */
type MeasureWriter = (summary: MeasureSummary, count: number | undefined) => string;

const writers = new WeakMap<Definition, MeasureWriter[]>();

function measureWriters(definition: Definition): MeasureWriter[] {
  const known = writers.get(definition);
  if (known) return known;
  const made = measuresOf(definition).map(measureWriter);
  writers.set(definition, made);
  return made;
}

function measureWriter({ kind, name, scale }: Measure): MeasureWriter {
  const [average, min, max, median, sum] = ['average', 'min', 'max', 'median', 'sum'].map(
    (statistic) => `"${statistic}_${name}":`,
  );
  return ({ rows, sum: total, order }, count) => {
    const members = [`${average}${rows === 0 ? 'null' : exactMean(total, rows, scale)}`];
    if (count !== undefined) members.push(`"count":${count}`);
    members.push(
      `${min}${order ? decimalText(order.min, scale) : 'null'}`,
      `${max}${order ? decimalText(order.max, scale) : 'null'}`,
      `${median}${order ? meanOfTwo(order.middle, scale) : 'null'}`,
    );
    if (kind === 'number') members.push(`${sum}${fixedPoint(total, scale)}`);
    return members.join();
  };
}

/** The mean of two scaled integers, exactly: with one digit more where it is needed. */
function meanOfTwo([low, high]: readonly [number, number], scale: number): string {
  const sum = BigInt(low) + BigInt(high);
  return sum % 2n === 0n ? fixedPoint(sum / 2n, scale) : fixedPoint(sum * 5n, scale + 1);
}

/** @param scaled the value times 10 to the power of `scale` */
function fixedPoint(scaled: bigint, scale: number): string {
  if (scale === 0) return String(scaled);
  const magnitude = String(scaled < 0n ? -scaled : scaled).padStart(scale + 1, '0');
  const point = magnitude.length - scale;
  return `${scaled < 0n ? '-' : ''}${magnitude.slice(0, point)}.${magnitude.slice(point)}`;
}

function entryText(
  definition: Definition,
  subject: HistogramSubject,
  { bucket, count, companions }: HistogramEntry,
  names: readonly string[],
): string {
  const scale = subject.kind === 'measure' ? subject.measure.scale : 0;
  const what =
    'bin' in bucket
      ? `"from":${edgeText(bucket.bin.from, scale)},"to":${edgeText(bucket.bin.to, scale)}`
      : `"${subject.name}":${valueText(definition, subject, bucket.value)}`;
  const counts = names.map((name, i) => `,${name}:${companions[i] ?? 0}`).join('');
  return `{${what},"count":${count}${counts}}`;
}

function valueText({ fields }: Definition, subject: HistogramSubject, value: Value): string {
  if (value === null) return 'null';
  if (subject.kind === 'measure') return decimalText(Number(value), subject.measure.scale);
  const isBoolean = fields.some(({ name, type }) => name === subject.name && type === 'boolean');
  return isBoolean ? String(value === 1) : JSON.stringify(value);
}

/** Digits after the point of `1 / EDGE_PARTS`, which is 0.005. */
const EDGE_DIGITS = 3;

/** The edge of a bin, exactly. @param edge the scaled value times `EDGE_PARTS` */
function edgeText(edge: bigint, scale: number): string {
  const thousandths = (edge * 10n ** BigInt(EDGE_DIGITS)) / BigInt(EDGE_PARTS);
  const text = fixedPoint(thousandths, scale + EDGE_DIGITS);
  return text.replace(/\.?0+$/, '');
}
