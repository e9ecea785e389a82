import type { Catalog } from '../catalog/catalog.ts';
import { NO_ROW } from '../catalog/rejects.ts';
import type { FaultyObject } from '../source/source-object.ts';

/**
 * Keeps one reject for each folder that a full listing could not look into. What was known below such a folder stays as
 * it was, so that only this reject shows that it may be out of date.
 *
 * @param folders of this listing
 * @param now the run's clock, ms since 1970 UTC
 */
export function keepFolderRejects(catalog: Catalog, folders: readonly FaultyObject[], now: number): void {
  const before = new Map(catalog.rejectsOf(NO_ROW).map((reject) => [reject.key, reject]));
  let isChanged = false;
  for (const { key, fault } of folders) {
    const known = before.get(key);
    before.delete(key);
    const { code: reason, detail } = fault;
    if (known?.reason === reason && known.detail === detail) continue;
    const since = known?.reason === reason ? known.since : new Date(now).toISOString();
    const version = { etag: null, size: null, values: null };
    catalog.putReject({ key, id: NO_ROW, reason, detail, since, kept_previous: false, ...version });
    isChanged = true;
  }
  for (const key of before.keys()) catalog.removeReject(key, NO_ROW);
  if (isChanged || before.size > 0) catalog.setDirty();
}
