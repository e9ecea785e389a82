import { type Definition, type Field, isTimeField, keyColumn } from '../dataset/definition.ts';

/** A name that the API derives from a definition. */
export interface ApiName {
  name: string;
  /** JSON pointer to what it is derived from. */
  pointer: string;
}

/** Names that the program uses itself, in the API and in its files. */
export const RESERVED_NAMES: readonly string[] = [
  'count',
  'limit',
  'sort',
  'cursor',
  'format',
  'excel',
  'generation',
  'min_generation',
  'histogram',
  'since',
  'force',
  'key',
  'reason',
  'detail',
  'kept_previous',
  'change',
  'true',
  'false',
];

/** The columns of output.csv. */
export const columnApiNames = (definition: Definition): ApiName[] => [
  { name: keyColumn(definition), pointer: '/records' },
  ...definition.fields.map(({ name }, i) => ({ name, pointer: `/fields/${i}/name` })),
  ...definition.companions.map(({ column }, i) => ({ name: column, pointer: `/companions/${i}` })),
];

/** The query parameters that select rows. */
export const parameterApiNames = (definition: Definition): ApiName[] => [
  { name: keyColumn(definition), pointer: '/records' },
  ...definition.fields.flatMap((field, i) =>
    fieldParameters(field).map((name) => ({ name, pointer: `/fields/${i}` })),
  ),
  ...definition.companions.map(({ name }, i) => ({
    name: `is_${name}_exists`,
    pointer: `/companions/${i}/name`,
  })),
  ...definition.derived.flatMap(({ name }, i) =>
    [`min_${name}`, `max_${name}`].map((each) => ({ name: each, pointer: `/derived/${i}/name` })),
  ),
];

function fieldParameters(field: Field): string[] {
  const { name, optional } = field;
  return [...valueParameters(field), ...(optional ? [`is_${name}_exists`] : [])];
}

function valueParameters(field: Field): string[] {
  const { name } = field;
  if (isTimeField(field)) {
    const { asked_as: prefix = name } = field;
    return [`${prefix}_after`, `${prefix}_before`];
  }
  const isNumber = field.type === 'integer' || field.type === 'decimal';
  return isNumber ? [name, `min_${name}`, `max_${name}`] : [name];
}

/** The members of `GET /stats` and of its histogram. */
export const statisticsApiNames = ({ companions, derived, statistics }: Definition): ApiName[] => [
  ...derived.flatMap(({ name }, i) =>
    statistics.includes(name)
      ? [name, `average_${name}`, `min_${name}`, `max_${name}`, `median_${name}`].map((each) => ({
          name: each,
          pointer: `/derived/${i}/name`,
        }))
      : [],
  ),
  ...companions.map(({ name }, i) => ({ name: `with_${name}`, pointer: `/companions/${i}/name` })),
];
