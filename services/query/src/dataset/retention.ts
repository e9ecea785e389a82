import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { MIN_GENERATION_AGE_MS } from '@landfall/contracts/dataset/retention';

/** How long a generation is kept after its last use by a client that reads several pages or a stream, ms. */
const USE_EXTENSION_MS = 5 * 60_000;
/** How long use can keep a generation beyond its retention, ms. */
const MAX_EXTENSION_MS = 60 * 60_000;

/**
 * Determines the oldest generation that stays readable. The newest `keep` generations stay, those younger than the retention,
 * those in use, and every generation that is newer than one that stays.
 *
 * @param loaded the newest first
 * @param usedAt when a generation was last used, ms since 1970 UTC
 * @param now ms since 1970 UTC
 * @returns its number; 0 when no generation is loaded
 */
export function oldestRetained(
  loaded: readonly Manifest[],
  keep: number,
  usedAt: (generation: number) => number | undefined,
  now: number,
): number {
  const oldest = loaded.findLast(({ generation, created_at }, i) => {
    const successor = loaded[i - keep];
    const retentionEnd = Date.parse(created_at) + MIN_GENERATION_AGE_MS;
    if (!successor || now < retentionEnd) return true;
    const expiredAt = Math.max(retentionEnd, Date.parse(successor.created_at));
    const used = usedAt(generation);
    return used !== undefined && now - used < USE_EXTENSION_MS && now - expiredAt < MAX_EXTENSION_MS;
  });
  return oldest?.generation ?? 0;
}
