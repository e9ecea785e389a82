import { recover } from '../recovery/recover.ts';
import { recordFolderRejects } from '../scan/folder-rejects.ts';
import { reportUnreadableFolders, scanSource, withSortFallback } from '../scan/scan-source.ts';
import type { ActiveRun, PublishedState, RunContext } from './run-context.ts';

/**
 * Restores the catalog where needed and scans the source bucket, in one transaction: after recovery alone, all rows would
 * seem to have no objects.
 *
 * @returns `unrestored`: why published rows could not be restored, undefined when no row is missing; `example`: the key of an object of
 *   the bucket, undefined when the scan found none
 * @throws StoreError, UnusableStateError
 */
export async function scanAndRecover(
  context: RunContext,
  { counts, now, onProgress }: ActiveRun,
  { found, manifest, listing, scope }: PublishedState,
): Promise<{ unrestored: string | undefined; example: string | undefined }> {
  const { catalog, conditions, log, puts } = context;
  // Before the first generation, the age of an object says nothing about this program.
  const seenUntil = puts.lastFullRun ?? Date.parse(manifest?.created_at ?? '');
  const since = now - context.guardWindowMs;
  let unrestored: string | undefined;

  const result = await withSortFallback(context, () =>
    catalog.transaction(async () => {
      unrestored = await recover({ ...context, since, now }, found, listing ?? new Map());
      const result = await scanSource(context, scope, seenUntil, (listed) =>
        onProgress('list', listed, null),
      );
      const { listed, unchanged, passedOver } = result;
      Object.assign(counts, { listed, unchanged, passed_over: passedOver });
      if (scope.kind === 'full') {
        recordFolderRejects(catalog, result.folders, now);
        catalog.queueUnreadable();
      }
      catalog.queueRejectsValidAt(now);
      catalog.queueUnsettled();
      return result;
    }),
  );
  puts.pending.addAll(result.putTimes.take());
  if (scope.kind === 'full') reportUnreadableFolders(context, result);
  if (unrestored !== undefined) {
    conditions.set('state_damaged', unrestored);
    log.error({ why: unrestored }, 'published rows could not be restored');
  }
  return { unrestored, example: result.example };
}
