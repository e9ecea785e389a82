import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { type Measure, measuresOf } from './measure.ts';

/** What a histogram counts rows by: a measure, or a column with few values. */
export type HistogramSubject =
  | { kind: 'measure'; name: string; measure: Measure }
  | { kind: 'column'; name: string; values: readonly Value[] };

const subjects = new WeakMap<Definition, ReadonlyMap<string, HistogramSubject>>();

/**
 * The values of the parameter `histogram`, and what each counts rows by: all enums, booleans and measures by their names; `true` is
 * the first derived measure. A definition without other subjects only has `true`.
 */
export function histogramSubjects(definition: Definition): ReadonlyMap<string, HistogramSubject> {
  const known = subjects.get(definition);
  if (known) return known;
  const measures = measuresOf(definition).map(
    (measure): HistogramSubject => ({ kind: 'measure', name: measure.name, measure }),
  );
  const derived = measures.find((each) => each.kind === 'measure' && each.measure.kind === 'years');
  const all = new Map(derived ? [['true', derived]] : []);
  const named = [...measures, ...columnSubjects(definition)];
  if (named.some((each) => each !== derived)) for (const each of named) all.set(each.name, each);
  subjects.set(definition, all);
  return all;
}

const columnSubjects = ({ fields }: Definition): HistogramSubject[] =>
  fields.flatMap((field): HistogramSubject[] => {
    const values = field.type === 'boolean' ? [0, 1] : field.type === 'enum' ? field.values : undefined;
    if (!values) return [];
    return [{ kind: 'column', name: field.name, values: field.optional ? [...values, null] : values }];
  });
