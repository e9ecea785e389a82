import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { oncePer } from '@landfall/contracts/once-per';
import { listedValues } from './listed-values.ts';
import { type Measure, measuresOf } from './measure.ts';

/** What a histogram counts rows by: a measure, or a column with few values. */
export type HistogramSubject =
  | { kind: 'measure'; name: string; measure: Measure }
  | { kind: 'column'; name: string; values: readonly Value[] };

/**
 * The values of the parameter `histogram`, and what each counts rows by: all enums, booleans and measures by their names; `true` is
 * the first derived measure. A definition without other subjects only has `true`.
 */
export const histogramSubjects = oncePer((definition: Definition): ReadonlyMap<string, HistogramSubject> => {
  const measures = measuresOf(definition).map(
    (measure): HistogramSubject => ({ kind: 'measure', name: measure.name, measure }),
  );
  const derived = measures.find((each) => each.kind === 'measure' && each.measure.kind === 'years');
  const all = new Map(derived ? [['true', derived]] : []);
  const named = [...measures, ...columnSubjects(definition)];
  if (named.some((each) => each !== derived)) for (const each of named) all.set(each.name, each);
  return all;
});

const columnSubjects = ({ fields }: Definition): HistogramSubject[] =>
  fields.flatMap((field) => {
    const values = listedValues(field);
    return values ? { kind: 'column', name: field.name, values } : [];
  });
