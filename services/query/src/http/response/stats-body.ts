import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { oncePer } from '@landfall/contracts/once-per';
import { decimalText } from '@landfall/contracts/values/decimal';
import { exactMean } from '../../statistics/exact-mean.ts';
import { EDGE_PARTS } from '../../statistics/histogram-bins.ts';
import type { HistogramSubject } from '../../statistics/histogram-subject.ts';
import { type Measure, measuresOf } from '../../statistics/measure.ts';
import type { Bucket, HistogramEntry, MeasureSummary, Summary } from '../../statistics/summary.ts';

/**
 * Writes the body of `GET /stats` as JSON; see `statsSchema`. Numbers are written with all their digits: a double would round
 * decimals and large sums.
 */
export function statsBody(
  definition: Definition,
  { count, companions, measures, histogram }: Summary,
  subject: HistogramSubject | undefined,
): string {
  const names = namesOf(definition);
  let body = measures.length === 0 ? `{"count":${count}` : '';
  for (let i = 0; i < names.measures.length; i++) {
    const [measure, summary] = [names.measures[i], measures[i]];
    if (measure && summary)
      body += measureText(measure, summary, i === 0 ? `{` : ',', i === 0 ? count : undefined);
  }
  body += countsText(names.companions, companions);
  for (const { index, withValue } of names.optional) body += `${withValue}${measures[index]?.rows ?? 0}`;
  if (histogram && subject) {
    body += `,"histogram":[${histogramText(definition, subject, histogram, names.companions)}]`;
  }
  return `${body}}`;
}

/** The members as JSON, up to the value. Built once: names that are joined per request take a microsecond. */
interface Names {
  measures: MeasureNames[];
  companions: string[];
  optional: { index: number; withValue: string }[];
}

interface MeasureNames extends Record<'average' | 'min' | 'max' | 'median' | 'sum', string> {
  measure: Measure;
}

const namesOf = oncePer((definition: Definition): Names => {
  const measures = measuresOf(definition);
  return {
    measures: measures.map((measure) => ({
      measure,
      average: `"average_${measure.name}":`,
      min: `,"min_${measure.name}":`,
      max: `,"max_${measure.name}":`,
      median: `,"median_${measure.name}":`,
      sum: `,"sum_${measure.name}":`,
    })),
    companions: definition.companions.map(({ name }) => `,"with_${name}":`),
    optional: measures.flatMap(({ field, name }, index) =>
      field.optional ? { index, withValue: `,"with_${name}":` } : [],
    ),
  };
});

/** @param count the member `count`, when it is among them */
function measureText(
  { measure, average, min, max, median, sum }: MeasureNames,
  summary: MeasureSummary,
  before: string,
  count: number | undefined,
): string {
  const { scale } = measure;
  const { rows, order } = summary;
  const counted = count === undefined ? '' : `,"count":${count}`;
  const sumText = measure.kind === 'number' ? sum + decimalText(summary.sum, scale) : '';
  if (!order) return `${before}${average}null${counted}${min}null${max}null${median}null${sumText}`;
  const mean = exactMean(summary.sum, rows, scale);
  const range = `${min}${decimalText(order.min, scale)}${max}${decimalText(order.max, scale)}`;
  return `${before}${average}${mean}${counted}${range}${median}${meanOfTwo(order.middle, scale)}${sumText}`;
}

function countsText(names: readonly string[], counts: readonly number[]): string {
  let text = '';
  for (let i = 0; i < names.length; i++) text += `${names[i]}${counts[i] ?? 0}`;
  return text;
}

/** The mean of two scaled integers, exactly: with one digit more where it is needed. */
function meanOfTwo([low, high]: readonly [number, number], scale: number): string {
  if (low === high) return decimalText(low, scale);
  const sum = BigInt(low) + BigInt(high);
  return sum % 2n === 0n ? decimalText(sum / 2n, scale) : decimalText(sum * 5n, scale + 1);
}

function histogramText(
  definition: Definition,
  subject: HistogramSubject,
  histogram: readonly HistogramEntry[],
  names: readonly string[],
): string {
  const bucketText = bucketWriter(definition, subject);
  let text = '';
  for (const { bucket, count, companions } of histogram) {
    const separator = text === '' ? '' : ',';
    text += `${separator}{${bucketText(bucket)},"count":${count}${countsText(names, companions)}}`;
  }
  return text;
}

/** Returns a function that writes the members which say what an entry counts. */
function bucketWriter({ fields }: Definition, subject: HistogramSubject): (bucket: Bucket) => string {
  const name = `"${subject.name}":`;
  if (subject.kind === 'column') {
    const isBoolean = fields.some((field) => field.name === subject.name && field.type === 'boolean');
    const valueText = isBoolean ? (value: Value) => String(value === 1) : JSON.stringify;
    return (bucket) => name + ('bin' in bucket || bucket.value === null ? 'null' : valueText(bucket.value));
  }
  const { scale } = subject.measure;
  return (bucket) =>
    'bin' in bucket
      ? `"from":${edgeText(bucket.bin.from, scale)},"to":${edgeText(bucket.bin.to, scale)}`
      : name + decimalText(Number(bucket.value), scale);
}

/** Digits after the point of `1 / EDGE_PARTS`, which is 0.005. */
const EDGE_DIGITS = 3;

/** The edge of a bin, exactly. @param edge the scaled value times `EDGE_PARTS` */
function edgeText(edge: bigint, scale: number): string {
  const thousandths = (edge * 10n ** BigInt(EDGE_DIGITS)) / BigInt(EDGE_PARTS);
  const text = decimalText(thousandths, scale + EDGE_DIGITS);
  return text.replace(/\.?0+$/, '');
}
