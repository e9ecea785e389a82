import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { listProcessed, type ProcessedListing } from '../processed/list-processed.ts';
import { publishGeneration } from '../publish/publish-generation.ts';
import { repairPublished } from '../recovery/repair.ts';
import type { GuardedRemovals } from './guard-removals.ts';
import type { ActiveRun, PublishedState, RunContext, RunOutcome } from './run-context.ts';

/** The outcome of a run, and damage of the state that was found at its end. */
export type FinalOutcome = RunOutcome & { damage?: string | undefined };

/** Publishes the catalog as the next generation. */
export async function publishNext(
  context: RunContext,
  { options, counts, now, onProgress }: ActiveRun,
  { found, listing, scope }: PublishedState,
  { peaks, rowsBeforeHeld }: GuardedRemovals,
): Promise<FinalOutcome> {
  onProgress('publish', 0, null);
  const before = listing ?? (await listProcessed(context.store, context.processedBucket));
  const manifest = await publishGeneration(context, {
    found,
    listing: before,
    peaks: options.force ? undefined : peaks,
    rowsBeforeHeld,
    counts,
    since: now - context.guardWindowMs,
    now,
  });
  return { manifest, published: true, announce: counts, listing: before, isFull: scope.kind === 'full' };
}

/** Keeps the published generation. A full run repairs its objects, unless the removal guard blocks publishing. */
export async function keepPublished(
  context: RunContext,
  { counts }: ActiveRun,
  { found, manifest, listing, scope }: PublishedState & { manifest: Manifest },
  { isBlocked }: GuardedRemovals,
): Promise<FinalOutcome> {
  // An unconfirmed manifest is of a run that ended before its announcement.
  const announce = found.kind === 'unconfirmed' ? (context.catalog.publication().counts ?? counts) : undefined;
  const outcome = { published: false, announce, listing, isFull: scope.kind === 'full' };
  if (!listing || isBlocked) return { ...outcome, manifest };
  const { written, ...repaired } = await repair(context, manifest, listing);
  counts.written = written;
  return { ...outcome, ...repaired };
}

async function repair(context: RunContext, manifest: Manifest, listing: ProcessedListing) {
  const { catalog, conditions, log } = context;
  const etag = catalog.publication().etag ?? '';
  const repaired = await repairPublished(context, { manifest, etag }, listing);
  const { written } = repaired;
  if (!repaired.isCatalogWrong) return { manifest: repaired.manifest, written };
  const damage = 'the catalog differs from the published data set: the next run rebuilds it from the two buckets';
  catalog.forgetPublished();
  conditions.set('state_damaged', damage);
  log.error(damage);
  return { manifest: repaired.manifest, written, damage };
}
