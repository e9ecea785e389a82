import { type Definition, type Field, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Row, Value } from '@landfall/contracts/dataset/row';
import { anyDefinition, ENUM_VALUES } from '@landfall/contracts/definition/_any-definition';
import fc from 'fast-check';

const TEXTS = ['', 'a', 'b', 'a,"b"', '\n', '😀', '\uffff', '}', "'", '%d'];
const DAYS = ['0000-01-01', '1999-12-31', '2000-02-29', '9999-12-31'];
const TIMES = ['0000-01-01T00:00:00.000Z', '2000-02-29T23:59:59.999Z', '9999-12-31T23:59:59.999Z'];

const NUMBERS = [0, 7, -7, 5, 1_250, -100, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];

/** Whether a stored number is within the bounds of its field. */
function isWithin(field: Field, value: number): boolean {
  const unit = field.type === 'decimal' ? 10 ** field.scale : 1;
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } =
    field.type === 'decimal' || field.type === 'integer' ? field : {};
  return value >= minimum * unit && value <= maximum * unit;
}

/** A stored value of a field. */
function storedValue(each: Field): fc.Arbitrary<Value> {
  const present = (): fc.Arbitrary<Value> => {
    switch (each.type) {
      case 'string':
        // Empty text is a missing value.
        return fc.constantFrom(...TEXTS.slice(1));
      case 'enum':
        return fc.constantFrom(...ENUM_VALUES);
      case 'boolean':
        return fc.constantFrom(0, 1);
      case 'date':
        return fc.constantFrom(...DAYS);
      case 'timestamp':
        return each.unit === 'iso'
          ? fc.constantFrom(...TIMES)
          : fc.constantFrom(-5, 0, 951_868_799, 8_640_000_000);
      default:
        return fc.constantFrom(...NUMBERS.filter((value) => isWithin(each, value)));
    }
  };
  return each.optional ? fc.oneof(fc.constant(null), present()) : present();
}

/** Rows of a definition, ids in ascending order. Ids are from a few texts, so that several sets of rows share some. */
export function rowsOf(definition: Definition): fc.Arbitrary<Row[]> {
  const key = keyColumn(definition);
  const row = fc.record({
    ...Object.fromEntries(definition.fields.map((each) => [each.name, storedValue(each)])),
    ...Object.fromEntries(
      definition.companions.map(({ column }) => [column, fc.constantFrom(null, 'b/x.png')]),
    ),
  });
  return fc
    .array(row, { maxLength: 12 })
    .map((values) =>
      values
        .map((each, i): Row => ({ [key]: `${i % 3}-${i}`, ...each }))
        .toSorted((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1)),
    );
}

/** A definition and rows of it. */
export const definitionAndRows = anyDefinition.chain((definition) =>
  fc.record({ definition: fc.constant(definition), rows: rowsOf(definition) }),
);

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

/** A row as JSON text, computed without the program. */
export function rowJson(definition: Definition, row: Row): string {
  const key = keyColumn(definition);
  const members = [
    `"${key}":${JSON.stringify(row[key])}`,
    ...definition.fields.map((each) => `"${each.name}":${jsonOf(each, row[each.name] ?? null)}`),
    ...definition.companions.map(({ column }) => `"${column}":${JSON.stringify(row[column])}`),
  ];
  return `{${members.join()}}`;
}
