import type { Definition } from '@landfall/contracts/dataset/definition';
import { countedField } from '../database/schema.ts';
import { EVERY_INSTANT, type Filter, type InstantRange } from '../filter/filter.ts';
import { type CompanionTest, companionTest } from './companion-mask.ts';

/**
 * The part of a filter that day counts can evaluate: a range of the counted field, and companions. A definition has day counts
 * of one field only. Filters on other timestamps count rows one by one.
 */
export interface DayFilter extends InstantRange {
  companions: CompanionTest;
}

/** The conditions of a filter on the counted field and the companions. Other conditions are left out. */
export const dayFilterOf = (definition: Definition, filter: Filter): DayFilter => ({
  ...(filter.ranges.get(countedField(definition) ?? '') ?? EVERY_INSTANT),
  companions: companionTest(definition, filter.companions),
});

/** Whether a filter has no other conditions than those that day counts can evaluate. */
export function isDayFilter(definition: Definition, { ids, strings, ranges }: Filter): boolean {
  if (ids !== undefined || strings.size > 0) return false;
  const counted = countedField(definition);
  return ranges.size === (counted !== undefined && ranges.has(counted) ? 1 : 0);
}
