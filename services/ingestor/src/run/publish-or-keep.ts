import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { RunCounts } from '@landfall/contracts/messages/run';
import { listProcessed, type ProcessedListing } from '../processed/list-processed.ts';
import { announceAndPrune, publishGeneration } from '../publish/publish-generation.ts';
import { repairPublished } from '../recovery/repair.ts';
import type { GuardedRemovals } from './guard-removals.ts';
import type { ActiveRun, PublishedState, RunContext, RunOutcome } from './run-context.ts';

/** The outcome of a run, and damage of the state that was found at its end. */
export type FinalOutcome = RunOutcome & { damage?: string | undefined };

/** Publishes the catalog as the next generation. */
export async function publishNext(
  context: RunContext,
  { options, counts, now, onProgress, span }: ActiveRun,
  { found, listing, scope }: PublishedState,
  { peaks, rowsBeforeHeld }: GuardedRemovals,
): Promise<FinalOutcome> {
  onProgress('publish', 0, null);
  const manifest = await publishGeneration(context, {
    found,
    listing: listing ?? (await listProcessed(context.store, context.processedBucket)),
    peaks: options.force ? { kind: 'discard' } : { kind: 'keep', peaks },
    rowsBeforeHeld,
    counts,
    since: now - context.guardWindowMs,
    now,
    span: span(),
  });
  return { manifest, published: true, isFull: scope.kind === 'full' };
}

/** Keeps the published generation. A full run repairs its objects, unless the removal guard blocks publishing. */
export async function keepPublished(
  context: RunContext,
  { counts, span }: ActiveRun,
  { found, manifest, listing, scope }: PublishedState & { manifest: Manifest },
  { isBlocked }: GuardedRemovals,
): Promise<FinalOutcome> {
  // An unconfirmed manifest is of a run that ended before its announcement.
  const unannounced =
    found.kind === 'unconfirmed' ? (context.catalog.publishState().counts ?? counts) : undefined;
  const kept = listing && !isBlocked ? await repair(context, counts, manifest, listing) : { manifest };
  await announceAndPrune(context, kept.manifest, unannounced, listing, span());
  return { ...kept, published: false, isFull: scope.kind === 'full' };
}

async function repair(
  context: RunContext,
  counts: RunCounts,
  published: Manifest,
  listing: ProcessedListing,
): Promise<Pick<FinalOutcome, 'manifest' | 'damage'>> {
  const { catalog, conditions, log } = context;
  const etag = catalog.publishState().etag ?? '';
  const { manifest, written, isCatalogWrong } = await repairPublished(
    context,
    { manifest: published, etag },
    listing,
  );
  counts.written = written;
  if (!isCatalogWrong) return { manifest };
  const damage =
    'the catalog differs from the published data set: the next run rebuilds it from the two buckets';
  catalog.discardPublished();
  conditions.set('state_damaged', damage);
  log.error(damage);
  return { manifest, damage };
}
