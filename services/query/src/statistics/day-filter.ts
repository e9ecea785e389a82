import type { Definition, TimeField } from '@landfall/contracts/dataset/definition';
import { instantOf } from '@landfall/contracts/values/time';
import { countedField } from '../database/schema.ts';
import type { Filter, Operator } from '../filter/filter.ts';
import { type CompanionTest, companionTest } from './companion-mask.ts';

/**
 * The part of a filter that day counts can evaluate: a range of the counted field, and companions. A definition has day counts
 * of one field only. Filters on other timestamps count rows one by one.
 */
export interface DayFilter {
  /** The first instant, ms since 1970 UTC; undefined for no lower bound. It is the start of a UTC day. */
  from: number | undefined;
  /** The end of the range, which is excluded; undefined for no upper bound. It is the start of a UTC day. */
  before: number | undefined;
  companions: CompanionTest;
}

/** The restrictions of a filter on the counted field and the companions. Others are left out. */
export function dayFilterOf(definition: Definition, filter: Filter): DayFilter {
  const counted = countedField(definition);
  return {
    from: boundIn(filter, counted, '>='),
    before: boundIn(filter, counted, '<'),
    companions: companionTest(definition, filter.companions),
  };
}

function boundIn({ fields }: Filter, counted: TimeField | undefined, operator: Operator): number | undefined {
  const value = counted && fields.get(counted.name)?.find(([each]) => each === operator)?.[1];
  return counted === undefined || value === undefined ? undefined : instantOf(counted, value);
}

/** Whether a filter has no other restrictions than those that day counts can evaluate. */
export function isDayFilter(definition: Definition, { ids, fields }: Filter): boolean {
  if (ids !== undefined) return false;
  const counted = countedField(definition)?.name;
  for (const [name, terms] of fields) {
    if (name !== counted || !terms.every(([operator]) => operator === '>=' || operator === '<')) return false;
  }
  return true;
}
