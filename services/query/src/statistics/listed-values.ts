import type { Field } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';

/** All stored values that an enum or a boolean can have, a missing one (null) last; undefined for other types. */
export function listedValues(field: Field): readonly Value[] | undefined {
  const values = field.type === 'boolean' ? [0, 1] : field.type === 'enum' ? field.values : undefined;
  return values && field.optional ? [...values, null] : values;
}
