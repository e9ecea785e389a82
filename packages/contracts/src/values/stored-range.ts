import type { DecimalField, IntegerField } from '../dataset/definition.ts';
import { oncePer } from '../once-per.ts';
import { scaledValue } from './exact-number.ts';

/**
 * The lowest and the highest stored value that a field allows. It is computed once per field: it is needed for each value.
 *
 * @throws RangeError when a bound is no value of the field, which `parseDefinition` refuses
 */
export const storedRange = oncePer((field: IntegerField | DecimalField) => {
  const scale = field.type === 'decimal' ? field.scale : 0;
  return {
    least: field.minimum === undefined ? Number.NEGATIVE_INFINITY : storedBound(field.minimum, scale),
    most: field.maximum === undefined ? Number.POSITIVE_INFINITY : storedBound(field.maximum, scale),
  };
});

function storedBound(bound: number, scale: number): number {
  const stored = scaledValue(bound, scale);
  if (typeof stored === 'object') throw new RangeError(`the bound ${bound} ${stored.problem}`);
  return stored;
}
