import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { MIN_GENERATION_AGE_MS } from '@landfall/contracts/dataset/retention';

/** How long a generation is kept after its last use by a client that reads several pages or a stream, ms. */
export const USE_EXTENSION_MS = 5 * 60_000;
/** How long use can keep a generation beyond its retention, ms. */
const MAX_EXTENSION_MS = 60 * 60_000;

/** The recent use of a generation. */
export interface GenerationUse {
  /** Clients that use it; 0 when only cached pages of it were used, by anybody. */
  clients: number;
  /** Ms since 1970 UTC. */
  lastUsed: number;
}

/** Which generations are in use, and how many may be kept for that. */
export interface Pinned {
  useOf: (generation: number) => GenerationUse | undefined;
  /** Generations that are kept beyond their retention. */
  max: number;
  /** The same, while one client alone uses the oldest of them. */
  maxForOneClient: number;
}

/** The oldest generation that stays. */
export interface Retained {
  /** 0 when no generation is loaded. */
  oldest: number;
  /** The limit that keeps a generation in use from staying. */
  limit?: 'pinned_generations' | 'pinned_generations_per_client' | undefined;
}

/**
 * Determines the oldest generation that stays readable. The newest `keep` generations stay, those younger than the retention,
 * those in use, and every generation that is newer than one that stays.
 *
 * A client that pages for ever holds neither one generation for ever, because of `MAX_EXTENSION_MS`, nor any number of them,
 * because of the limits in `pinned`.
 *
 * @param loaded the newest first
 * @param now ms since 1970 UTC
 */
export function oldestRetained(
  loaded: readonly Manifest[],
  keep: number,
  { useOf, max, maxForOneClient }: Pinned,
  now: number,
): Retained {
  const retentionEnd = ({ created_at }: Manifest) => Date.parse(created_at) + MIN_GENERATION_AGE_MS;
  const last = loaded.findLastIndex((manifest, i) => i < keep || now < retentionEnd(manifest));
  let limit: Retained['limit'];
  const lastUsed = loaded.findLastIndex((manifest, i) => {
    const successor = loaded[i - keep];
    const use = useOf(manifest.generation);
    if (i <= last || !successor || !use || now - use.lastUsed >= USE_EXTENSION_MS) return false;
    const expiredAt = Math.max(retentionEnd(manifest), Date.parse(successor.created_at));
    if (now - expiredAt >= MAX_EXTENSION_MS) return false;
    if (i - last > max) limit = 'pinned_generations';
    else if (use.clients <= 1 && i - last > maxForOneClient) limit = 'pinned_generations_per_client';
    else return true;
    return false;
  });
  return { oldest: loaded[Math.max(last, lastUsed)]?.generation ?? 0, limit };
}
