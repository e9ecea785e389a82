import type { Field } from '@landfall/contracts/dataset/definition';
import { DefinitionError, type DefinitionFault } from '@landfall/contracts/definition/definition-error';
import { parseDefinition } from '@landfall/contracts/definition/parse-definition';
import type { Description } from './description.ts';
import { toName } from './to-name.ts';

/** Rounds of repairs, at most: a new name may clash as well. */
const MAX_ROUNDS = 10;
/** Room for an ending in a name. */
const MAX_BASE = 30;

/** A description that the check of definitions accepts, and what was done for it. */
export interface Repaired {
  description: Description;
  /** Each as a sentence without a point. */
  notes: string[];
  /** What a person must change. */
  faults: readonly DefinitionFault[];
}

/**
 * Changes a description until the check of definitions accepts it: a name that is reserved, or that the API derives from another
 * name as well, gets an ending; a field or a companion that cannot be declared is left out.
 */
export function repairDescription(first: Description): Repaired {
  let description = first;
  let faults = faultsOf(first);
  const notes: string[] = [];
  for (let round = 1; round <= MAX_ROUNDS && faults.length > 0; round++) {
    description = repair(description, new Set(faults.map(({ pointer }) => pointer)), round, notes);
    faults = faultsOf(description);
  }
  return { description, notes, faults };
}

function faultsOf(description: Description): readonly DefinitionFault[] {
  try {
    parseDefinition(JSON.stringify(description), 'the description');
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.faults;
    throw error;
  }
}

/** @param faulty JSON pointers */
function repair(
  description: Description,
  faulty: ReadonlySet<string>,
  round: number,
  notes: string[],
): Description {
  const renamed = new Map<string, string>();
  function rename(name: string, ending: string): string {
    const base = toName(name.replace(/_(?:value|file|row)(?:_\d+)?$/, ''), 'x', MAX_BASE);
    const other = `${base}_${ending}${round === 1 ? '' : `_${round}`}`;
    notes.push(`${name} is called ${other}, because the name is reserved or derived from another one`);
    return other;
  }
  const isJson = description.records.endsWith('.json');
  const fields = description.fields.flatMap((field, i): Field[] => {
    const { name, from = isJson ? `/${name}` : name } = field;
    const at = `/fields/${i}`;
    if (faulty.has(`${at}/from`)) {
      notes.push(`${from.slice(0, 100)} is left out`);
      return [];
    }
    if ([...faulty].some((pointer) => pointer.startsWith(`${at}/values`))) {
      return [{ name, from, type: 'string', ...(field.optional ? { optional: true } : {}) }];
    }
    const asStatistic = `/statistics/${description.statistics.indexOf(name)}`;
    if (![at, `${at}/name`, asStatistic].some((pointer) => faulty.has(pointer))) return [field];
    const other = rename(name, 'value');
    renamed.set(name, other);
    return [{ ...field, name: other, from }];
  });
  const companions = description.companions.flatMap((companion, i) => {
    const at = `/companions/${i}`;
    if (faulty.has(`${at}/files`)) {
      notes.push(`${companion.files} is left out`);
      return [];
    }
    const isFaulty = faulty.has(at) || faulty.has(`${at}/name`);
    return [isFaulty ? { ...companion, name: rename(companion.name, 'file') } : companion];
  });
  const names = new Set(fields.map(({ name }) => name));
  return {
    ...description,
    one: faulty.has('/one') ? rename(description.one, 'row') : description.one,
    fields,
    companions,
    statistics: description.statistics
      .map((name) => renamed.get(name) ?? name)
      .filter((name) => names.has(name)),
  };
}
