import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { MIN_GENERATION_AGE_MS } from '@landfall/contracts/dataset/retention';

/** A generation that somebody pages or streams through stays for so long after they last asked, ms. */
const HOLD_MS = 5 * 60_000;
/** But not for longer than this after it would have gone, ms. */
const MAX_HOLD_MS = 60 * 60_000;

/**
 * The oldest generation that stays readable; those before it can go. The last `keep` stay, all that are younger
 * than 15 minutes, and those in use; and whatever is newer than one that stays.
 *
 * @param kept the generations there are, the newest first
 * @param usedAt when a generation was last read by somebody who pages or streams, ms since 1970 UTC
 * @param now ms since 1970 UTC
 */
export function horizonOf(
  kept: readonly Manifest[],
  keep: number,
  usedAt: (generation: number) => number | undefined,
  now: number,
): number {
  const staying = kept.findLast(({ generation, created_at }, i) => {
    const successor = kept[i - keep];
    const outdated = Date.parse(created_at) + MIN_GENERATION_AGE_MS;
    if (!successor || now < outdated) return true;
    const dueSince = Math.max(outdated, Date.parse(successor.created_at));
    const used = usedAt(generation);
    return used !== undefined && now - used < HOLD_MS && now - dueSince < MAX_HOLD_MS;
  });
  return staying?.generation ?? 0;
}
