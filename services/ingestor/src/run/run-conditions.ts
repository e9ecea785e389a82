import type { RunCounts } from '@landfall/contracts/messages/run';
import { isMostOf } from '../aggregate/removal-guard.ts';
import type { Conditions } from '../health/conditions.ts';
import type { GuardedRemovals } from './guard-removals.ts';
import type { PublishedState } from './run-context.ts';
import type { RunScope } from './run-spec.ts';

/** Sets or clears the conditions about mass removals and mass changes. */
export function setChangeConditions(
  conditions: Conditions,
  { held = 0, updated }: RunCounts,
  { rows, peak }: GuardedRemovals,
  scope: RunScope,
): void {
  if (held > 0) {
    const missing = `${held} of ${rows} rows have no record object any more`;
    const why = `and without them less than half of the data set would be left (recent maximum: ${peak} rows)`;
    conditions.set('removals_held', `${missing}, ${why}: was the source bucket emptied, or mounted wrongly?`);
  } else conditions.clear('removals_held');
  if (isMostOf(updated, rows)) {
    conditions.set('many_overwritten', `one run changed ${updated} of ${rows} rows`);
  } else if (scope.kind === 'full') conditions.clear('many_overwritten');
}

/**
 * Clears the conditions about damage after a full run that found none.
 *
 * @param damage damage of the state that this run found
 */
export function clearDamageConditions(
  conditions: Conditions,
  { found, scope }: PublishedState,
  damage: string | undefined,
): void {
  if (scope.kind !== 'full') return;
  if (found.kind !== 'damaged') conditions.clear('manifest_damaged');
  if (damage === undefined) conditions.clear('state_damaged');
}
