import { type Definition, keyColumn } from './definition.ts';
import type { Row } from './row.ts';

/** Functions over the rows of one definition, for the hot paths. */
export interface RowFunctions {
  /** The row of the fields of a CSV line, from `start` on; undefined when a value is not of its type. */
  fromFields: (fields: readonly string[], start: 0 | 1) => Row | undefined;
  /** The fields of a CSV line. */
  toFields: (row: Row) => string[];
  /** The fields with commas between them, without quotes. */
  join: (row: Row) => string;
  /** Whether all values but the key are the same. */
  isSame: (a: Row, b: Row) => boolean;
}

const INTEGER = /^-?\d+$/;

/**
 * Generates the functions from the definition: straight code over its columns. A loop over the columns takes twice as long
 * for each of a million rows. Names come from a checked definition and are written as JSON strings.
 */
export function generateRowFunctions(definition: Definition): RowFunctions {
  const { fields, companions } = definition;
  const [key, ...others] = [
    { name: keyColumn(definition), kind: 'text' },
    ...fields.map(({ name, type }) => ({ name, kind: type === 'timestamp' ? 'integer' : 'text' })),
    ...companions.map(({ column }) => ({ name: column, kind: 'path' })),
  ];
  const all = [key, ...others].filter((column) => column !== undefined);
  const of = (row: string, name: string) => `${row}[${JSON.stringify(name)}]`;
  const text = ({ name, kind }: { name: string; kind: string }) =>
    kind === 'path' ? `(${of('row', name)} ?? '')` : of('row', name);

  const checks = all.flatMap(({ kind }, i) =>
    kind === 'integer' ? [`INTEGER.test(fields[start + ${i}])`] : [],
  );
  const members = all.map(({ name, kind }, i) => {
    const field = `fields[start + ${i}]`;
    const value = { text: field, integer: `Number(${field})`, path: `${field} || null` }[kind];
    return `${JSON.stringify(name)}: ${value}`;
  });
  const code = `
    return {
      fromFields: (fields, start) => ${checks.join(' && ') || 'true'} ? { ${members.join(', ')} } : undefined,
      toFields: (row) => [${all.map((column) => `String(${text(column)})`).join(', ')}],
      join: (row) => ${all.map(text).join(" + ',' + ")},
      isSame: (a, b) => ${others.map(({ name }) => `${of('a', name)} === ${of('b', name)}`).join(' && ') || 'true'},
    };`;
  return new Function('INTEGER', code)(INTEGER);
}
