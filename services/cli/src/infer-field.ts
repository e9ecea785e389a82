import type { Field } from '@landfall/contracts/dataset/definition';
import { toNfc } from '@landfall/contracts/text/nfc';
import { readText } from '@landfall/contracts/values/read-text';
import type { WrittenValue } from './record-texts.ts';

/** Texts of an enum, at most; and each must occur as often as this, on average. */
const [MAX_ENUM_VALUES, MIN_REPEATS] = [8, 4];
/** Share of the values that a type must fit: a few files may be faulty. */
const MIN_SHARE = 0.9;
/** Digits after the point that a decimal can have. */
const MAX_SCALE = 9;

/**
 * Returns the narrowest type that fits the values of a field, or almost all of them, for a person to correct. Texts with leading zeros, such as
 * 007, are no numbers: they would lose the zeros. An enum leaves out values that occur once, when the others fit: a file may be faulty.
 *
 * @param from the CSV header, or the JSON pointer
 * @param values one for each record; undefined or blank for a missing value
 */
export function inferField(name: string, from: string, values: readonly (WrittenValue | undefined)[]): Field {
  const given = values.flatMap((value) => (value && value.text.trim() !== '' ? value : []));
  const present = given.map(({ text }) => toNfc(text.trim()));
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
  const numbers: Field[] = [
    { ...common, type: 'integer' },
    { ...common, type: 'decimal', scale: scaleOf(bareDigits) },
  ];
  const others: Field[] = [{ ...common, type: 'boolean' }, ...(present.some(hasLeadingZero) ? [] : numbers)];
  const found =
    texts.find((field) => fits(field, 'bare') && !isAmbiguous(field, distinct)) ??
    others.find((field) => fits(field, 'quoted') && !isAmbiguous(field, distinct));
  if (found) return found;
  const choices = enumValues(present);
  return choices ? { ...common, type: 'enum', values: choices } : { ...common, type: 'string' };
}

/** The values of an enum; undefined when there are too many for one. */
function enumValues(present: readonly string[]): string[] | undefined {
  const groups = [...Map.groupBy(present, (text) => text)];
  const repeated = groups.filter(([, texts]) => texts.length > 1);
  const fitting = repeated.reduce((sum, [, texts]) => sum + texts.length, 0);
  const values = (fitting >= present.length * MIN_SHARE ? repeated : groups).map(([text]) => text);
  const isEnum = values.length <= MAX_ENUM_VALUES && present.length >= values.length * MIN_REPEATS;
  return isEnum ? values.sort() : undefined;
}

const hasLeadingZero = (text: string): boolean => /^-?0\d/.test(text);

/** 0 and 1 may be numbers, and eight digits a number, too. */
function isAmbiguous({ type }: Field, distinct: ReadonlySet<string>): boolean {
  if (type === 'boolean') return [...distinct].every((text) => /^[01]$/.test(text));
  return type === 'date' && [...distinct].every((text) => /^\d+$/.test(text));
}

const scaleOf = (texts: readonly string[]): number =>
  Math.min(MAX_SCALE, Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0)));
