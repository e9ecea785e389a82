import { reconcileSettled } from '../aggregate/reconcile-settled.ts';
import { findPublished, isUnexpected, manifestOf } from '../processed/find-published.ts';
import { listProcessed } from '../processed/list-processed.ts';
import { guardRemovals } from './guard-removals.ts';
import { checkForRows } from './nothing-matches.ts';
import { keepPublished, publishNext } from './publish-or-keep.ts';
import { clearDamageConditions, setChangeConditions } from './run-conditions.ts';
import type { ActiveRun, PublishedState, RunContext, RunOptions, RunOutcome } from './run-context.ts';
import { FULL_SCOPE } from './run-spec.ts';
import { scanAndRecover } from './scan-and-recover.ts';

/**
 * Runs all stages: scan → aggregate (which calls match, fetch and parse for each row) → removal guard → publish. The progress
 * reports the scan as `list` and the aggregation as `fetch`. When neither rows nor rejects changed, nothing is published; a full
 * run then repairs the published objects.
 *
 * @throws StoreError, LeadershipLostError, UnusableStateError
 */
export async function runPipeline(context: RunContext, run: ActiveRun): Promise<RunOutcome> {
  const { catalog } = context;
  const { options, counts, now, onProgress } = run;
  const state = await readPublishedState(context, options);

  onProgress('list', 0, null);
  const { unrestored, example } = await scanAndRecover(context, run, state);

  const hasUnsettled = await reconcileSettled(context, options.waitForUnsettled, counts, now, (done, total) =>
    onProgress('fetch', done, total),
  );

  const guarded = await guardRemovals(context, run, state.manifest, unrestored !== undefined);
  counts.rejected = catalog.rejectCount();
  counts.orphan_images = catalog.orphanImages();
  setChangeConditions(context.conditions, counts, guarded, state.scope);
  if (!guarded.isBlocked) await checkForRows(context, { scope: state.scope, example, hasUnsettled });

  const { manifest } = state;
  const isUnchanged = manifest !== undefined && !catalog.publishState().dirty;
  const keeps = manifest !== undefined && (isUnchanged || guarded.isBlocked);
  const { damage = unrestored, ...outcome } = keeps
    ? await keepPublished(context, run, { ...state, manifest }, guarded)
    : await publishNext(context, run, state, guarded);
  clearDamageConditions(context.conditions, state, damage);
  return outcome;
}

/** Reads the manifest, and for a full run lists the processed bucket. */
async function readPublishedState(
  { store, catalog, processedBucket, conditions }: RunContext,
  { scope }: RunOptions,
): Promise<PublishedState> {
  const found = await findPublished(store, processedBucket, catalog);
  if (found.kind === 'damaged') conditions.set('manifest_damaged', found.why);
  const effective = isUnexpected(found) ? FULL_SCOPE : scope;
  const listing = effective.kind === 'full' ? await listProcessed(store, processedBucket) : undefined;
  return { found, manifest: manifestOf(found), listing, scope: effective };
}
