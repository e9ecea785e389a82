import type { Field } from '@landfall/contracts/dataset/definition';
import { readText } from '@landfall/contracts/values/read-text';
import type { WrittenValue } from './record-texts.ts';

/** Texts of an enum, at most; and each must occur as often as this, on average. */
const [MAX_ENUM_VALUES, MIN_REPEATS] = [8, 4];
/** Share of the values that a type must fit: a few files may be faulty. */
const MIN_SHARE = 0.9;
/** Digits after the point that a decimal can have. */
const MAX_SCALE = 9;

/**
 * Returns the narrowest type that fits the values of a field, or almost all of them. For a person to correct: a postal code of digits looks like an
 * integer.
 *
 * @param from the CSV header, or the JSON pointer
 * @param values one for each record; undefined or blank for a missing value
 */
export function inferField(name: string, from: string, values: readonly (WrittenValue | undefined)[]): Field {
  const given = values.flatMap((value) => (value && value.text.trim() !== '' ? value : []));
  const present = given.map(({ text }) => text.trim());
  const common = {
    name,
    ...(from === name || from === `/${name}` ? {} : { from }),
    ...(present.length < values.length ? { optional: true } : {}),
  };
  const fits = (field: Field, otherForm: WrittenValue['form']) => {
    const fitting = given.filter(
      ({ text, form }) => form !== otherForm && typeof readText(field, text.trim()) !== 'object',
    );
    return present.length > 0 && fitting.length >= present.length * MIN_SHARE;
  };
  const distinct = new Set(present);
  const texts: Field[] = [
    { ...common, type: 'date' },
    { ...common, type: 'timestamp', unit: 'iso' },
  ];
  const bareDigits = given.flatMap(({ text, form }) => (form === 'quoted' ? [] : text.trim()));
  const others: Field[] = [
    { ...common, type: 'boolean' },
    { ...common, type: 'integer' },
    { ...common, type: 'decimal', scale: scaleOf(bareDigits) },
  ];
  const found =
    texts.find((field) => fits(field, 'bare') && !isAmbiguous(field, distinct)) ??
    others.find((field) => fits(field, 'quoted') && !isAmbiguous(field, distinct));
  if (found) return found;
  const isEnum = distinct.size <= MAX_ENUM_VALUES && present.length >= distinct.size * MIN_REPEATS;
  return isEnum ? { ...common, type: 'enum', values: [...distinct].sort() } : { ...common, type: 'string' };
}

/** 0 and 1 may be numbers, and eight digits a number, too. */
function isAmbiguous({ type }: Field, distinct: ReadonlySet<string>): boolean {
  if (type === 'boolean') return [...distinct].every((text) => /^[01]$/.test(text));
  return type === 'date' && [...distinct].every((text) => /^\d+$/.test(text));
}

const scaleOf = (texts: readonly string[]): number =>
  Math.min(MAX_SCALE, Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0)));
