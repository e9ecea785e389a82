import { type Definition, type Field, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Row, Value } from '@landfall/contracts/dataset/row';
import { decimalText } from '@landfall/contracts/values/decimal';
import { storedTime } from '@landfall/contracts/values/time';
import { NAMES } from '../../scripts/seed-data/names.ts';
import { randomFrom } from '../../scripts/seed-data/random.ts';
import { rowIdAt } from './row-ids.ts';

const SEED = 20_261_128;
/** Share of the optional values that are missing, and of the rows that have a companion. */
const [MISSING_SHARE, COMPANION_SHARE] = [0.1, 0.6];
/** Numbers without bounds are from 0 to this. */
const HIGHEST = 5_000;
/** Ms since 1970 UTC. */
const [FIRST_TIME, LAST_TIME] = [Date.UTC(1930, 0), Date.UTC(2024, 0)];

/** Generates rows of any definition, the same ones in every call. */
export function* definitionRows(definition: Definition, count: number): Iterable<Row> {
  const random = randomFrom(SEED);
  const { fields, companions } = definition;
  const key = keyColumn(definition);
  for (let i = 0; i < count; i++) {
    const row: Record<string, Value> = { [key]: rowIdAt(i) };
    for (const field of fields) {
      row[field.name] = field.optional && random() < MISSING_SHARE ? null : storedValue(field, random);
    }
    for (const { column } of companions) {
      row[column] = random() < COMPANION_SHARE ? `src-data/${rowIdAt(i)}` : null;
    }
    yield row;
  }
}

/** The range of a number, as stored integers. */
export function rangeOf(field: Field): { low: number; high: number } {
  const unit = field.type === 'decimal' ? 10 ** field.scale : 1;
  const { minimum = 0, maximum = HIGHEST } =
    field.type === 'decimal' || field.type === 'integer' ? field : {};
  return { low: Math.round(minimum * unit), high: Math.round(maximum * unit) };
}

function storedValue(field: Field, random: () => number): Value {
  switch (field.type) {
    case 'string':
      return NAMES[Math.floor(random() * NAMES.length)]?.[1] ?? '';
    case 'enum':
      return field.values[Math.floor(random() * field.values.length)] ?? '';
    case 'boolean':
      return random() < 0.5 ? 1 : 0;
    case 'integer':
    case 'decimal': {
      const { low, high } = rangeOf(field);
      return low + Math.floor(random() * (high - low + 1));
    }
    case 'date':
    case 'timestamp':
      return storedTime(
        field,
        FIRST_TIME + Math.floor((random() * (LAST_TIME - FIRST_TIME)) / 1_000) * 1_000,
      );
  }
}

/** A stored value as JSON. */
export function valueJson(field: Field, value: Value): string {
  if (value === null) return 'null';
  if (field.type === 'boolean') return value === 1 ? 'true' : 'false';
  return field.type === 'decimal' ? decimalText(Number(value), field.scale) : JSON.stringify(value);
}
