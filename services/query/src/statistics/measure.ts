import { ageInYears, MS_PER_DAY, utcDay } from '@landfall/contracts/dataset/age';
import {
  type DecimalField,
  type Definition,
  fieldOfDerived,
  type IntegerField,
  type TimeField,
} from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { oncePer } from '@landfall/contracts/once-per';
import { instantOf } from '@landfall/contracts/values/time';

/** A value that `GET /stats` summarizes: a number field, or the whole years since a time. */
export type Measure = NumberMeasure | YearsMeasure;

interface NumberMeasure {
  kind: 'number';
  name: string;
  field: IntegerField | DecimalField;
  /** Digits after the point: values are stored as integers, times 10 to the power of it. */
  scale: number;
}

interface YearsMeasure {
  kind: 'years';
  name: string;
  field: TimeField;
  scale: 0;
}

/**
 * The counted value of a row without a value. It is less than all others, and no stored number: those are safe integers.
 */
export const MISSING = Number.MIN_SAFE_INTEGER - 1;

/** The measures of a definition, in the order of its `statistics`. */
export const measuresOf = oncePer((definition: Definition): readonly Measure[] =>
  definition.statistics.map((name) => measureNamed(definition, name)),
);

function measureNamed(definition: Definition, name: string): Measure {
  const derived = definition.derived.find((each) => each.name === name);
  if (derived) return { kind: 'years', name, field: fieldOfDerived(definition, derived), scale: 0 };
  const field = definition.fields.find((each) => each.name === name);
  if (field?.type === 'integer') return { kind: 'number', name, field, scale: 0 };
  if (field?.type === 'decimal') return { kind: 'number', name, field, scale: field.scale };
  throw new Error(`${name} is neither a number nor a derived value`);
}

/** The measure whose values the rollup counts; undefined when the definition has no statistics. */
export const countedMeasure = (definition: Definition): Measure | undefined => measuresOf(definition)[0];

/** The value by which a row is counted: the stored number, or the UTC day of the time (0 is 1970-01-01). */
export function countedValue({ kind, field }: Measure, value: Value): number {
  if (value === null) return MISSING;
  return kind === 'years' ? utcDay(instantOf(field, value)) : Number(value);
}

/**
 * What is summarized of a counted value: the number itself, or the whole years since the day.
 *
 * @param now the request's clock, ms since 1970 UTC
 */
export const measuredValue = ({ kind }: Measure, counted: number, now: number): number =>
  kind === 'years' ? ageInYears(counted * MS_PER_DAY, now) : counted;
