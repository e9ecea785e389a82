import { escapePointer } from '../text/json-text.ts';
import type { DefinitionFault } from './definition-error.ts';
import { MAX_COMPANIONS, MAX_FIELDS, MAX_SCALE } from './definition-schema.ts';

/** No name that people choose. */
const MARK = 'q7k2x9';
/** A name in the place of a faulty one. It clashes with no other name. */
const nameOf = (what: string, i: number): string => `unknown_${what}_${i}_${MARK}`;

/** The id in the place of a pattern of records that is faulty. */
export const UNKNOWN_ID = `unknown_id_${MARK}`;
/** A pattern in the place of a faulty one of a companion. No other pattern matches its keys. */
export const unknownPattern = (id: string, i: number): string => `{${id}}.unknown${i}${MARK}`;

const MEMBERS_OF_ALL_TYPES: readonly string[] = ['name', 'from', 'optional', 'description'];

/**
 * A definition file without its schema faults: faulty members are removed, and those that are needed have a value that contradicts
 * nothing. What else is wrong can then be found as well. Items keep their indexes, so that JSON pointers stay right.
 *
 * @param faults of the schema
 */
export function draftOf(value: unknown, faults: readonly DefinitionFault[]): unknown {
  const faulty = new Set(faults.map(({ pointer }) => pointer));

  function soundMembers(object: unknown, pointer: string): Record<string, unknown> {
    if (!isObject(object)) return {};
    const members = Object.entries(object).filter(
      ([name]) => !faulty.has(`${pointer}/${escapePointer(name)}`),
    );
    return Object.fromEntries(members);
  }

  /** The texts of a list, with others in the places of faulty ones. */
  function soundTexts(list: unknown, pointer: string, what: string): unknown {
    if (!Array.isArray(list)) return list;
    return list.map((text, i) => (faulty.has(`${pointer}/${i}`) ? nameOf(what, i) : text));
  }

  const file = soundMembers(value, '');
  const { fields, companions, derived, statistics } = isObject(value) ? value : {};
  const list = (items: unknown, max: number): unknown[] => (Array.isArray(items) ? items.slice(0, max) : []);

  const sinceNames = list(derived, MAX_COMPANIONS).map((each) => isObject(each) && each.years_since);
  /** The type of a field with an unknown one: derived values and statistics of it may be right. */
  function likelyType(name: unknown): string {
    if (sinceNames.includes(name)) return 'date';
    return Array.isArray(statistics) && statistics.includes(name) ? 'integer' : 'string';
  }
  const draftFields = list(fields, MAX_FIELDS).map((field, i) => {
    const pointer = `/fields/${i}`;
    const members: Record<string, unknown> = { name: nameOf('field', i), ...soundMembers(field, pointer) };
    const { name, type, values = [nameOf('value', i)] } = members;
    switch (type) {
      case undefined: {
        const common = Object.entries(members).filter(([each]) => MEMBERS_OF_ALL_TYPES.includes(each));
        return { ...Object.fromEntries(common), type: likelyType(name) };
      }
      case 'enum':
        return { ...members, values: soundTexts(values, `${pointer}/values`, 'value') };
      case 'decimal':
        return { scale: MAX_SCALE, ...members };
      case 'timestamp':
        return { unit: 'ms', ...members };
      default:
        return members;
    }
  });
  // Without all fields, it is unknown which of them exist.
  const hasAllFields = draftFields.length > 0 && !faulty.has('/fields');
  return {
    name: nameOf('data_set', 0),
    one: nameOf('row', 0),
    records: `{${UNKNOWN_ID}}.csv`,
    ...file,
    ...('missing' in file && { missing: soundTexts(file.missing, '/missing', 'missing') }),
    fields: draftFields.length > 0 ? draftFields : [{ name: nameOf('field', 0), type: 'string' }],
    companions: list(companions, MAX_COMPANIONS).map((companion, i) => ({
      name: nameOf('companion', i),
      files: unknownPattern(UNKNOWN_ID, i),
      ...soundMembers(companion, `/companions/${i}`),
    })),
    derived: hasAllFields
      ? list(derived, MAX_COMPANIONS).map((each, i) => ({
          name: nameOf('derived', i),
          years_since: nameOf('field', MAX_FIELDS),
          maximum: 1,
          ...soundMembers(each, `/derived/${i}`),
        }))
      : [],
    statistics: hasAllFields ? soundTexts(file.statistics ?? [], '/statistics', 'statistic') : [],
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
