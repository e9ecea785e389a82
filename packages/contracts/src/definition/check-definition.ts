import {
  type Definition,
  type Field,
  hasJsonRecords,
  headerOf,
  isTimeField,
  keyColumn,
  missingTexts,
  pointerOf,
} from '../dataset/definition.ts';
import { MAX_LEVELS, parsePointer } from '../text/json-text.ts';
import { nameHint } from '../text/nearest-name.ts';
import { toNfc } from '../text/nfc.ts';
import { scaledValue } from '../values/exact-number.ts';
import {
  type ApiName,
  BIN_MEMBERS,
  columnApiNames,
  histogramApiNames,
  histogramSubjects,
  parameterApiNames,
  RESERVED_NAMES,
  reasonApiNames,
  statisticsApiNames,
  valueApiNames,
} from './api-names.ts';
import type { DefinitionFault } from './definition-error.ts';
import { type KeyPattern, keyPatternOf } from './key-pattern.ts';
import { isAlwaysPassedOver, namesOfTools } from './passed-over-keys.ts';
import { isCovered } from './pattern-coverage.ts';

/** Returns the faults that a schema cannot express: names that clash, values that contradict each other. */
export function checkDefinition(definition: Definition): DefinitionFault[] {
  const { one } = definition;
  const key = keyColumn(definition);
  const faults = [
    ...clashes(columnApiNames(definition), 'column'),
    ...clashes(parameterApiNames(definition), 'query parameter'),
    ...clashes(statisticsApiNames(definition), 'member of the statistics'),
    ...clashes(histogramApiNames(definition), 'member of a histogram'),
    ...binFaults(definition),
    ...clashes(reasonApiNames(definition), 'reject reason'),
    ...derivedNameFaults(definition),
    ...clashes(
      definition.companions.map(({ name }, i) => ({ name, pointer: `/companions/${i}/name` })),
      'companion',
    ),
    ...definition.fields.flatMap((field, i) => fieldFaults(field, `/fields/${i}`)),
    ...sourceFaults(definition),
    ...missingFaults(definition),
    ...derivedFaults(definition),
    ...statisticsFaults(definition),
    ...patternFaults(definition),
  ];
  if (one === key || one === 'change' || one === 'generation') {
    faults.push({
      pointer: '/one',
      message: `${one} is a member of every entry of GET /changes`,
      hint: 'choose another word for one row',
    });
  }
  return faults;
}

/** Names that are reserved, or derived from two places. */
function clashes(names: readonly ApiName[], what: string): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  const known = new Map<string, string>();
  for (const { name, pointer } of names) {
    const other = known.get(name);
    if (RESERVED_NAMES.includes(name)) {
      faults.push({ pointer, message: `the ${what} ${name} is reserved`, hint: 'choose another name' });
    } else if (other !== undefined) {
      faults.push({
        pointer,
        message: `the ${what} ${name} comes from ${other} as well`,
        hint: 'rename one of the two',
      });
    }
    known.set(name, pointer);
  }
  return faults;
}

/** An entry of a histogram by such a name would look like a bin. */
const binFaults = (definition: Definition): DefinitionFault[] =>
  histogramSubjects(definition)
    .filter(({ name }) => BIN_MEMBERS.includes(name))
    .map(({ name, pointer }) => ({
      pointer,
      message: `${name} is a member of a histogram's bins`,
      hint: 'choose another name',
    }));

/** `histogram=age` must not mean two values. */
function derivedNameFaults(definition: Definition): DefinitionFault[] {
  const names = valueApiNames(definition);
  return definition.derived.flatMap(({ name }, i) => {
    const other = names.find((each) => each.name === name);
    if (!other) return [];
    const message = `the derived value ${name} has the name of ${other.pointer} as well`;
    return [{ pointer: `/derived/${i}/name`, message, hint: 'rename one of the two' }];
  });
}

function fieldFaults(field: Field, pointer: string): DefinitionFault[] {
  if (field.type === 'enum') return enumFaults(field.values, pointer);
  if (field.type === 'integer') return rangeFaults(field, 0, pointer);
  return field.type === 'decimal' ? rangeFaults(field, field.scale, pointer) : [];
}

function enumFaults(values: readonly string[], pointer: string): DefinitionFault[] {
  return values.flatMap((value, i) => {
    const at = `${pointer}/values/${i}`;
    if (value.trim() !== value || toNfc(value) !== value) {
      return {
        pointer: at,
        message: 'has blanks around it, or is not in Unicode NFC',
        hint: 'values are compared in this form',
      };
    }
    return values.indexOf(value) === i ? [] : { pointer: at, message: `${value} occurs twice` };
  });
}

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
}

function rangeFaults({ minimum, maximum }: Bounds, scale: number, pointer: string): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  for (const [name, bound] of [
    ['minimum', minimum],
    ['maximum', maximum],
  ] as const) {
    if (bound === undefined) continue;
    const stored = scaledValue(bound, scale);
    if (typeof stored === 'object') {
      const hint = 'a bound is a value of the field';
      faults.push({ pointer: `${pointer}/${name}`, message: stored.problem, hint });
    }
  }
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    faults.push({ pointer: `${pointer}/minimum`, message: 'is above the maximum' });
  }
  return faults;
}

function sourceFaults(definition: Definition): DefinitionFault[] {
  return hasJsonRecords(definition) ? pointerFaults(definition) : headerFaults(definition);
}

function pointerFaults({ fields }: Definition): DefinitionFault[] {
  return fields.flatMap((field, i): DefinitionFault[] => {
    const pointer = `/fields/${i}/from`;
    const path = parsePointer(pointerOf(field));
    if (!path) {
      const message = `${pointerOf(field)} is not a JSON pointer`;
      return [{ pointer, message, hint: 'write it as /member/member' }];
    }
    if (path.length <= MAX_LEVELS) return [];
    return [{ pointer, message: `has ${path.length} levels; a record has at most ${MAX_LEVELS}` }];
  });
}

function headerFaults({ fields }: Definition): DefinitionFault[] {
  const headers = fields.map(headerOf);
  return headers.flatMap((header, i) => {
    const first = headers.indexOf(header);
    const at = `/fields/${i}/${fields[i]?.from === undefined ? 'name' : 'from'}`;
    if (header.trim() !== header)
      return { pointer: at, message: 'has blanks around it', hint: 'headers are trimmed' };
    return first === i
      ? []
      : { pointer: at, message: `the header ${header} is read by /fields/${first} as well` };
  });
}

/** Values of an enum that mean that there is none. */
function missingFaults(definition: Definition): DefinitionFault[] {
  const missing = missingTexts(definition);
  return definition.fields.flatMap((field, i) => {
    const value = field.type === 'enum' ? field.values.find((each) => missing.includes(each)) : undefined;
    if (value === undefined) return [];
    return { pointer: `/fields/${i}/values`, message: `${value} is in \`missing\` as well` };
  });
}

function derivedFaults({ derived, fields }: Definition): DefinitionFault[] {
  const names = fields.map(({ name }) => name);
  return derived.flatMap(({ years_since }, i) => {
    const field = fields.find(({ name }) => name === years_since);
    if (field && isTimeField(field)) return [];
    const message = field ? `${years_since} is of type ${field.type}` : `there is no field ${years_since}`;
    const near = field ? undefined : nameHint(years_since, names);
    return { pointer: `/derived/${i}/years_since`, message, hint: near ?? 'name a date or timestamp field' };
  });
}

const isNumeric = ({ type }: Field): boolean => type === 'integer' || type === 'decimal';

function statisticsFaults({ derived, fields, statistics }: Definition): DefinitionFault[] {
  const possible = [...fields.filter(isNumeric), ...derived].map(({ name }) => name);
  return statistics.flatMap((name, i) => {
    const field = fields.find((each) => each.name === name);
    const isNumber = field !== undefined && isNumeric(field);
    const isDerived = derived.some((each) => each.name === name);
    const isTwice = statistics.indexOf(name) !== i;
    if ((isNumber || isDerived) && !isTwice) return [];
    const message = isTwice
      ? `${name} occurs twice`
      : field
        ? `${name} is of type ${field.type}`
        : `there is no field and no derived value ${name}`;
    const near = field ? undefined : nameHint(name, possible);
    const hint = near ?? 'name a field of type integer or decimal, or a derived value';
    return { pointer: `/statistics/${i}`, message, ...(isTwice ? {} : { hint }) };
  });
}

/**
 * A companion whose keys all match patterns before it can never have a file. A pattern with other names of tools' folders matches
 * none of its keys.
 */
function patternFaults({ records, companions }: Definition): DefinitionFault[] {
  const before: KeyPattern[] = [];
  const all = [
    { pointer: '/records', text: records },
    ...companions.map(({ files }, i) => ({ pointer: `/companions/${i}/files`, text: files })),
  ];
  return all.flatMap(({ pointer, text }) => {
    const pattern = keyPatternOf(text);
    const { length: count } = namesOfTools(pattern);
    const rivals = before.filter((each) => namesOfTools(each).length === count);
    before.push(pattern);
    if (isAlwaysPassedOver(pattern)) {
      const message =
        'can never have a file: files of tools are passed over, such as those whose name begins with a dot';
      return [{ pointer, message, hint: 'name the whole folder, without a wildcard' }];
    }
    if (!isCovered(pattern, rivals)) return [];
    const message = 'can never have a file: every key that it matches belongs to a pattern before it';
    return [{ pointer, message }];
  });
}
