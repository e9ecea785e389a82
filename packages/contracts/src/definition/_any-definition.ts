import fc from 'fast-check';
import type { Definition, Field } from '../dataset/definition.ts';
import { parseDefinition } from './parse-definition.ts';

/** Names that are SQL words, so that all of them have to be quoted. */
const NAMES = ['order', 'group', 'select', 'join', 'where', 'index', 'values', 'null', 'table'];
/** The values of each enum. */
export const ENUM_VALUES: readonly string[] = ['x', 'y', '}"', '=1+1'];
/** The bounds of numbers, where they have some. */
export const BOUNDS = { minimum: -1, maximum: 1_000 };
/** Texts that mean that a value is missing, where a definition has its own. */
export const MISSING_TEXTS: readonly string[] = ['', 'N/A', '-'];

const KEYS = ['id', 'isbn', 'exists'];
const LAYOUTS = ['**/{id}', 'records/{id}', '*/{id}/result', 'in-{id}.v1', 'deep/**/{id}/x y'];
const COMPANIONS = [
  { name: 'picture', files: '**/{id}.{png,jpg,webp}' },
  { name: 'scan', files: 'scans/*/{id}/page.pdf' },
  { name: 'note', files: 'notes-{id}.txt', column: 'notes' },
];
const TYPES: readonly Field['type'][] = [
  'string',
  'enum',
  'boolean',
  'integer',
  'decimal',
  'date',
  'timestamp',
];

/**
 * Any valid definition: fields of each type with any options, CSV or JSON records in any layout, some companions. All numbers are
 * statistics, and the years since each time.
 */
export const anyDefinition: fc.Arbitrary<Definition> = fc
  .record({
    key: fc.constantFrom(...KEYS),
    layout: fc.constantFrom(...LAYOUTS),
    extension: fc.constantFrom('csv', 'json'),
    companions: fc.subarray(COMPANIONS),
    names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 6 }),
    missing: fc.constantFrom(undefined, MISSING_TEXTS),
    max_bytes: fc.constantFrom(undefined, 8_192),
    isYearsFirst: fc.boolean(),
  })
  .chain(({ key, layout, extension, companions, names, isYearsFirst, ...options }) =>
    fc.tuple(...names.map((name) => anyField(name, extension === 'json'))).map((fields) => {
      const withKey = (pattern: string) => pattern.replace('{id}', `{${key}}`);
      const file = {
        name: 'things',
        one: 'thing',
        records: `${withKey(layout)}.${extension}`,
        ...options,
        fields,
        companions: companions.map((each) => ({ ...each, files: withKey(each.files) })),
        ...derivedAndStatistics(fields, isYearsFirst),
      };
      return parseDefinition(JSON.stringify(file), 'any definition');
    }),
  );

function derivedAndStatistics(
  fields: readonly { name: string; type: Field['type'] }[],
  isYearsFirst: boolean,
) {
  const namesOf = (...types: Field['type'][]) =>
    fields.filter(({ type }) => types.includes(type)).map(({ name }) => name);
  const derived = namesOf('date', 'timestamp').map((name) => ({
    name: `years_of_${name}`,
    years_since: name,
    maximum: 9_999,
  }));
  const [years, numbers] = [derived.map(({ name }) => name), namesOf('integer', 'decimal')];
  return { derived, statistics: isYearsFirst ? [...years, ...numbers] : [...numbers, ...years] };
}

function anyField(name: string, isJson: boolean): fc.Arbitrary<{ name: string; type: Field['type'] }> {
  const places = isJson ? [`/nested/${name}`, `/a~1b/${name}`] : [`${name}, "as written"`];
  return fc
    .record({
      type: fc.constantFrom(...TYPES),
      from: fc.constantFrom(undefined, undefined, ...places),
      optional: fc.constantFrom(undefined, true),
      past: fc.constantFrom(undefined, true),
      scale: fc.integer({ min: 0, max: 9 }),
      unit: fc.constantFrom('ms', 's', 'iso'),
      bounds: fc.constantFrom({}, BOUNDS),
    })
    .map(({ type, from, optional, past, scale, unit, bounds }) => {
      const common = { name, type, from, optional };
      switch (type) {
        case 'enum':
          return { ...common, values: ENUM_VALUES };
        case 'integer':
          return { ...common, ...bounds };
        case 'decimal':
          return { ...common, scale, ...bounds };
        case 'date':
          return { ...common, past };
        case 'timestamp':
          return { ...common, past, unit };
        default:
          return common;
      }
    });
}
