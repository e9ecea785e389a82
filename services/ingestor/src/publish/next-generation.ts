import type { Catalog } from '../catalog/catalog.ts';
import { type FoundManifest, manifestOf } from '../processed/find-published.ts';
import { highestListedGeneration, type ProcessedListing } from '../processed/list-processed.ts';

/** Timeout for each source of known generations, ms. */
const TIMEOUT_MS = 5_000;

/**
 * Chooses the number of the next generation: one above every known generation. A repeated attempt to publish the same
 * version gets the same number.
 *
 * @param version SHA-256 of the output.csv that is about to be published
 */
export async function nextGeneration(
  { catalog, highestKnown }: { catalog: Catalog; highestKnown: readonly (() => Promise<number>)[] },
  version: string,
  found: FoundManifest,
  listing: ProcessedListing,
): Promise<number> {
  const { attempt, manifest: known } = catalog.publishState();
  const repeated = attempt?.version === version ? attempt : undefined;
  const elsewhere = await Promise.all(highestKnown.map((read) => withTimeout(TIMEOUT_MS, read())));
  return (
    1 +
    Math.max(
      manifestOf(found)?.generation ?? 0,
      known?.generation ?? 0,
      repeated ? 0 : (attempt?.generation ?? 0),
      highestListedGeneration(listing, repeated),
      ...elsewhere,
    )
  );
}

/** @returns 0 on timeout: the other sources know the generation as well */
async function withTimeout(ms: number, work: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<number>((resolve) => {
    timer = setTimeout(resolve, ms, 0);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
