import { type TextForm, textForm } from '../values/canonical.ts';
import { decimalText } from '../values/decimal.ts';
import { NEEDS_QUOTES } from './csv-line.ts';
import { type Definition, keyColumn } from './definition.ts';
import { NAME } from './name.ts';
import type { Row } from './row.ts';

/** Functions over the rows of one definition, for the hot paths. */
export interface RowFunctions {
  /** The row of the fields of a CSV line, from `start` on; undefined when a value is not of its type. */
  fromFields: (fields: readonly string[], start: 0 | 1) => Row | undefined;
  /** The fields of a CSV line. */
  toFields: (row: Row) => string[];
  /** The fields with commas between them, without quotes. */
  join: (row: Row) => string;
  /** Whether some value needs quotes. Testing values one by one takes a third of the time of joining them and testing the line. */
  needsQuotes: (row: Row) => boolean;
  /** Whether all values but the key are the same. */
  isSame: (a: Row, b: Row) => boolean;
}

/** Parts of the generated code. */
interface ColumnCode {
  name: string;
  /** A condition on the text `field`; undefined when any text is a value. */
  check?: (field: string) => string;
  /** The value of the text `field`. */
  parse: (field: string) => string;
  /** The text of the value `value`. */
  format: (value: string) => string;
  /** Whether the text may need quotes. */
  isQuotable: boolean;
}

const PLAIN = { parse: (field: string) => field, format: (value: string) => value, isQuotable: false };
const TEXT = { ...PLAIN, isQuotable: true };
/** A missing companion is null, and empty in the file. */
const PATH = {
  parse: (field: string) => `${field} || null`,
  format: (value: string) => `(${value} ?? '')`,
  isQuotable: true,
};

/** Values that the generated code uses. */
const SCOPE = { INTEGER: /^-?\d+$/, BOOLEAN: /^(?:true|false)$/, NEEDS_QUOTES, decimalText };

/**
 * Generates the functions from the definition, as straight code over its columns. Reading, joining and comparing 1,000,000 rows
 * takes 0.8 to 1.0 s with generated code and 1.5 to 2.8 s with a loop over the columns.
 *
 * @throws Error when a column name is not a lower-case identifier, or occurs twice
 */
export function generateRowFunctions(definition: Definition): RowFunctions {
  const { fields, companions } = definition;
  const patterns: RegExp[] = [];
  const key: ColumnCode = { name: keyColumn(definition), ...TEXT };
  const others: ColumnCode[] = [
    ...fields.map((field) => {
      const code = fieldCode(textForm(field), patterns);
      return { name: field.name, ...(field.optional ? optionalCode(code) : code) };
    }),
    ...companions.map(({ column }) => ({ name: column, ...PATH })),
  ];
  const all = [key, ...others];
  checkNames(all.map(({ name }) => name));
  const of = (row: string, name: string) => `${row}[${JSON.stringify(name)}]`;
  const text = ({ name, format }: ColumnCode) => format(of('row', name));
  const field = (i: number) => `fields[start + ${i}]`;

  const checks = all.flatMap(({ check }, i) => (check === undefined ? [] : [check(field(i))]));
  const members = all.map(({ name, parse }, i) => `${JSON.stringify(name)}: ${parse(field(i))}`);
  const quotable = all.filter(({ isQuotable }) => isQuotable);
  const code = `
    const { INTEGER, BOOLEAN, NEEDS_QUOTES, decimalText } = scope;
    return {
      fromFields: (fields, start) => ${checks.join(' && ') || 'true'} ? { ${members.join(', ')} } : undefined,
      toFields: (row) => [${all.map((column) => `String(${text(column)})`).join(', ')}],
      needsQuotes: (row) => ${quotable.map((column) => `NEEDS_QUOTES.test(${text(column)})`).join(' || ')},
      join: (row) => ${all.map(text).join(" + ',' + ")},
      isSame: (a, b) => ${others.map(({ name }) => `${of('a', name)} === ${of('b', name)}`).join(' && ') || 'true'},
    };`;
  return new Function('scope', 'patterns', code)(SCOPE, patterns);
}

/** A test of a text by a regular expression of the generated code. */
const testBy = (expression: string) => (field: string) => `${expression}.test(${field})`;

/** @param patterns receives the regular expressions that the code names by their index */
function fieldCode(form: TextForm, patterns: RegExp[]): Omit<ColumnCode, 'name'> {
  switch (form.kind) {
    case 'text':
      return TEXT;
    case 'integer':
      return { ...PLAIN, check: testBy('INTEGER'), parse: (field) => `Number(${field})` };
    case 'boolean':
      return {
        ...PLAIN,
        check: testBy('BOOLEAN'),
        parse: (field) => `(${field} === 'true' ? 1 : 0)`,
        format: (value) => `(${value} === 1 ? 'true' : 'false')`,
      };
    case 'decimal':
      return {
        ...PLAIN,
        check: testBy(`patterns[${patterns.push(new RegExp(`^-?\\d+\\.\\d{${form.scale}}$`)) - 1}]`),
        parse: (field) => `Number(${field}.replace('.', ''))`,
        format: (value) => `decimalText(${value}, ${form.scale})`,
      };
    case 'pattern':
      return { ...PLAIN, check: testBy(`patterns[${patterns.push(form.pattern) - 1}]`) };
  }
}

/** A missing value is null, and empty in the file. */
function optionalCode({
  check,
  parse,
  format,
  isQuotable,
}: Omit<ColumnCode, 'name'>): Omit<ColumnCode, 'name'> {
  return {
    ...(check === undefined ? {} : { check: (field: string) => `(${field} === '' || ${check(field)})` }),
    parse: (field) => `(${field} === '' ? null : ${parse(field)})`,
    format: (value) => `(${value} === null ? '' : ${format(value)})`,
    isQuotable,
  };
}

function checkNames(names: readonly string[]): void {
  for (const [i, name] of names.entries()) {
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is not a valid column name`);
    if (names.indexOf(name) !== i) throw new Error(`the column ${name} occurs twice`);
  }
}
