import { type Definition, type Field, isTimeField, keyColumn } from '../dataset/definition.ts';
import { duplicateReason, fieldRejectReasons } from '../dataset/reject.ts';

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

/** The values of a row, stored or derived, and its files. */
export const valueApiNames = (definition: Definition): ApiName[] => [
  ...columnApiNames(definition),
  ...definition.companions.map(({ name }, i) => ({ name, pointer: `/companions/${i}/name` })),
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

/** The members of `GET /stats`, and of the entries of a histogram by a statistic. */
export const statisticsApiNames = ({ fields, companions, derived, statistics }: Definition): ApiName[] => [
  ...[...new Set(statistics)].flatMap((name) =>
    measureMembers(name, derived, fields).map((each) => ({
      name: each,
      pointer: `/statistics/${statistics.indexOf(name)}`,
    })),
  ),
  ...companionMembers(companions),
];

/** The members of the entries of histograms by enums and booleans. */
export const histogramApiNames = (definition: Definition): ApiName[] => [
  ...countedFields(definition),
  ...companionMembers(definition.companions),
];

const countedFields = ({ fields }: Definition): ApiName[] =>
  fields.flatMap(({ name, type }, i) =>
    type === 'enum' || type === 'boolean' ? [{ name, pointer: `/fields/${i}/name` }] : [],
  );

/** The members of a histogram's bins, beside the counts. */
export const BIN_MEMBERS: readonly string[] = ['from', 'to'];

/** What a histogram may count rows by. */
export const histogramSubjects = (definition: Definition): ApiName[] => [
  ...countedFields(definition),
  ...definition.statistics.map((name, i) => ({ name, pointer: `/statistics/${i}` })),
];

/** The reject reasons that are derived from a definition. None of them can be one of the others. */
export const reasonApiNames = (definition: Definition): ApiName[] => [
  ...definition.fields.flatMap((field, i) =>
    fieldRejectReasons(definition, field).map((name) => ({ name, pointer: `/fields/${i}/name` })),
  ),
  { name: duplicateReason(definition), pointer: '/one' },
];

const companionMembers = (companions: Definition['companions']): ApiName[] =>
  companions.map(({ name }, i) => ({ name: `with_${name}`, pointer: `/companions/${i}/name` }));

function measureMembers(name: string, derived: Definition['derived'], fields: readonly Field[]): string[] {
  const members = [name, `average_${name}`, `min_${name}`, `max_${name}`, `median_${name}`];
  const years = derived.find((each) => each.name === name);
  const field = fields.find((each) => each.name === (years?.years_since ?? name));
  return [...members, ...(years ? [] : [`sum_${name}`]), ...(field?.optional ? [`with_${name}`] : [])];
}
