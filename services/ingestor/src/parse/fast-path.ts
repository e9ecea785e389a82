import { type Definition, type Field, headerOf, missingTexts } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { toNfc } from '@landfall/contracts/text/nfc';
import { readText } from '@landfall/contracts/values/read-text';
import type { RecordValues } from '../source/record.ts';
import { missingTest } from './missing-value.ts';
import { isBlank } from './visible-text.ts';

/** Up to 15 digits: within the range of dates and exact as a number. */
const INTEGER = /^-?\d{1,15}$/;

/**
 * Returns a reader for records in their usual form: the fields in the order of the definition, one row, no quotes. It returns
 * undefined for every other text, valid or not, which csv-parse then reads in ten times the time. A property test holds both
 * equal.
 */
export function plainRecordReader(definition: Definition): (text: string) => RecordValues | undefined {
  const { fields } = definition;
  const isMissing = missingTest(definition);
  const names = fields.map(headerOf);
  if (!names.every(isPlainHeader)) return () => undefined;
  const last = fields.at(-1);
  const isIntegerMissing = missingTexts(definition).some((text) => INTEGER.test(text));
  const isMs = (field: Field) => isRequiredMs(field) && !isIntegerMissing;
  const headers = [`${names.join(', ')}\n`, `${names.join(',')}\n`];
  return (text) => {
    const header = headers.find((each) => text.startsWith(each));
    if (header === undefined) return undefined;
    const end = text.indexOf('\n', header.length);
    if (end === header.length || text.length === header.length) return undefined;
    const isOneRow = end === -1 || end === text.length - 1;
    if (!isOneRow || text.includes('"') || text.includes('\r') || text.includes('\0')) return undefined;
    const values: Record<string, Value> = {};
    let start = header.length;
    for (const field of fields) {
      // With `split`, 300,000 records take 0.70 s instead of 0.55 s, decoding included.
      const comma = text.indexOf(',', start);
      if ((comma === -1) !== (field === last)) return undefined;
      const part = (comma === -1 ? text.slice(start) : text.slice(start, comma)).trim();
      start = comma + 1;
      if (isMs(field)) {
        if (!INTEGER.test(part)) return undefined;
        // `+ 0` makes -0 of "-0" a 0.
        values[field.name] = Number(part) + 0;
      } else {
        if (isMissing(part)) {
          if (!field.optional) return undefined;
          values[field.name] = null;
          continue;
        }
        const value = field.type === 'string' ? toNfc(part) : readText(field, part);
        if (typeof value === 'object') return undefined;
        values[field.name] = value;
      }
    }
    return values;
  };
}

/** Whether a header is the same text in a file, without quotes. */
const isPlainHeader = (name: string): boolean => !/[",\r\n\0]/.test(name) && !isBlank(name);

const isRequiredMs = (field: Field): boolean =>
  field.type === 'timestamp' && field.unit === 'ms' && !field.optional;
