import type { RunTrigger } from '@landfall/contracts/messages/run';

/** Why a run is wanted, and what it is to look at. */
export interface Wish {
  trigger: RunTrigger;
  /** Only these objects; undefined for a listing of all there are. */
  keys?: ReadonlySet<string> | undefined;
  /** Whether removals are applied that the removal guard would hold back. */
  force?: boolean;
}

/** Looking at so many objects one by one costs about as much as listing them all. */
export const MAX_KEYS = 5_000;

/** Who is named as the one that started a run which several asked for: the first of these. */
const TRIGGERS: readonly RunTrigger[] = ['request', 'start', 'schedule', 'bucket'];

/** What a run has to do that serves both. */
export function join(a: Wish, b: Wish): Wish {
  const keys = a.keys && b.keys ? a.keys.union(b.keys) : undefined;
  return {
    trigger: TRIGGERS.find((trigger) => trigger === a.trigger || trigger === b.trigger) ?? a.trigger,
    keys: keys && keys.size <= MAX_KEYS ? keys : undefined,
    force: a.force === true || b.force === true,
  };
}
