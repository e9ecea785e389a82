import type { Catalog } from '../catalog/catalog.ts';
import { NO_ROW } from '../catalog/rejects.ts';
import type { FaultyObject } from '../source/source-object.ts';

/**
 * Stores one reject for each folder that a full listing could not read, and removes the rejects of readable folders. The
 * rows of objects below an unreadable folder stay, so only this reject shows that they may be out of date.
 *
 * @param folders the unreadable folders of this listing
 * @param now the time of the run, ms since 1970 UTC
 */
export function recordFolderRejects(catalog: Catalog, folders: readonly FaultyObject[], now: number): void {
  const obsolete = new Map(catalog.rejectsOf(NO_ROW).map((reject) => [reject.key, reject]));
  let isChanged = false;
  for (const { key, fault } of folders) {
    const known = obsolete.get(key);
    obsolete.delete(key);
    const { code: reason, detail } = fault;
    if (known?.reason === reason && known.detail === detail) continue;
    const since = known?.reason === reason ? known.since : new Date(now).toISOString();
    const version = { etag: null, size: null, values: null };
    catalog.putReject({ key, id: NO_ROW, reason, detail, since, kept_previous: false, ...version });
    isChanged = true;
  }
  for (const key of obsolete.keys()) catalog.removeReject(key, NO_ROW);
  if (isChanged || obsolete.size > 0) catalog.setDirty();
}
