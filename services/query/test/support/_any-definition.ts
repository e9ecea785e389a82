import type { Definition, Field } from '@landfall/contracts/dataset/definition';
import type { Row, Value } from '@landfall/contracts/dataset/row';
import fc from 'fast-check';

const TEXTS = ['', 'a', 'b', 'a,"b"', '\n', '😀', '\uffff', '}', "'", '%d'];
const ENUM = ['x', 'y', '}"'];
const DAYS = ['0000-01-01', '1999-12-31', '2000-02-29', '9999-12-31'];
const TIMES = ['0000-01-01T00:00:00.000Z', '2000-02-29T23:59:59.999Z', '9999-12-31T23:59:59.999Z'];

/** Names that are SQL words, so that all of them have to be quoted. */
const NAMES = ['order', 'group', 'select', 'from', 'where', 'index', 'values', 'null', 'table'];

type Kind = Field['type'] extends infer T ? T : never;
const KINDS: Kind[] = ['string', 'enum', 'boolean', 'integer', 'decimal', 'date', 'timestamp'];

export const field = (name: string): fc.Arbitrary<Field> =>
  fc
    .record({
      kind: fc.constantFrom(...KINDS),
      scale: fc.integer({ min: 0, max: 4 }),
      unit: fc.constantFrom('ms', 's', 'iso'),
      optional: fc.boolean(),
    })
    .map(({ kind, scale, unit, optional }): Field => {
      const common = { name, ...(optional ? { optional } : {}) };
      if (kind === 'enum') return { ...common, type: kind, values: ENUM };
      if (kind === 'decimal') return { ...common, type: kind, scale };
      if (kind === 'timestamp') return { ...common, type: kind, unit };
      return { ...common, type: kind };
    });

/** A stored value of a field. */
export function storedValue(each: Field): fc.Arbitrary<Value> {
  const present = (): fc.Arbitrary<Value> => {
    switch (each.type) {
      case 'string':
        // Empty text is a missing value.
        return fc.constantFrom(...TEXTS.slice(1));
      case 'enum':
        return fc.constantFrom(...ENUM);
      case 'boolean':
        return fc.constantFrom(0, 1);
      case 'date':
        return fc.constantFrom(...DAYS);
      case 'timestamp':
        return each.unit === 'iso'
          ? fc.constantFrom(...TIMES)
          : fc.constantFrom(-5, 0, 951_868_799, 8_640_000_000);
      default:
        return fc.constantFrom(0, 7, -7, 5, 1_250, -100, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);
    }
  };
  return each.optional ? fc.oneof(fc.constant(null), present()) : present();
}

/** A definition and rows of it, ids in ascending order. */
export const definitionAndRows = fc
  .uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 6 })
  .chain((names) => fc.tuple(fc.tuple(...names.map(field)), fc.nat({ max: 2 }), fc.boolean()))
  .chain(([fields, companions, isYearsFirst]) => {
    const definition = definitionOf(fields, companions, isYearsFirst);
    const row = fc.record({
      ...Object.fromEntries(fields.map((each) => [each.name, storedValue(each)])),
      ...Object.fromEntries(
        definition.companions.map(({ column }) => [column, fc.constantFrom(null, 'b/x.png')]),
      ),
    });
    const rows = fc
      .array(row, { maxLength: 12 })
      .map((values) => values.map((each, i): Row => ({ id: `${i % 3}-${i}`, ...each })).toSorted(byId));
    return fc.record({ definition: fc.constant(definition), rows });
  });

const byId = (a: Row, b: Row): number => (String(a.id) < String(b.id) ? -1 : 1);

/** All numbers are statistics, and the years since each time. */
function definitionOf(fields: Field[], companions: number, isYearsFirst: boolean): Definition {
  const derived = fields.flatMap(({ name, type }) =>
    type === 'date' || type === 'timestamp'
      ? { name: `years_of_${name}`, years_since: name, maximum: 9_999 }
      : [],
  );
  const numbers = fields
    .filter(({ type }) => type === 'integer' || type === 'decimal')
    .map(({ name }) => name);
  const years = derived.map(({ name }) => name);
  return {
    name: 'things',
    one: 'thing',
    records: '**/{id}.csv',
    fields,
    companions: COMPANIONS.slice(0, companions),
    derived,
    statistics: isYearsFirst ? [...years, ...numbers] : [...numbers, ...years],
  };
}

const COMPANIONS: Definition['companions'] = [
  { name: 'picture', files: '**/{id}.png', column: 'picture_path' },
  { name: 'scan', files: '**/{id}.pdf', column: 'scan_path' },
];

/** A value as JSON text, computed without the program. */
export function jsonOf(each: Field, value: Value): string {
  if (value === null) return 'null';
  if (each.type === 'boolean') return value === 1 ? 'true' : 'false';
  if (each.type !== 'decimal' || each.scale === 0) return JSON.stringify(value);
  const digits = BigInt(value)
    .toString()
    .replace('-', '')
    .padStart(each.scale + 1, '0');
  const at = digits.length - each.scale;
  return `${Number(value) < 0 ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`;
}
