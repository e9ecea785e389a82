import type { Reject } from '@landfall/contracts/dataset/reject';
import type { Catalog } from '../catalog/catalog.ts';
import type { CatalogReject } from '../catalog/rejects.ts';
import type { FetchedRow } from '../fetch/fetch.ts';
import { isFault } from '../source/record.ts';

/**
 * Replaces the rejects of a row in the catalog. A reject with the same reason keeps its `since`.
 *
 * @param now the run's clock, ms since 1970 UTC
 * @returns the number of rejects that were added, changed or removed
 */
export function updateRejects(
  catalog: Catalog,
  fetched: FetchedRow,
  rejects: readonly Omit<Reject, 'since'>[],
  now: number,
): number {
  const { rowId, rejects: before } = fetched;
  let changed = 0;
  for (const reject of rejects) {
    // The key may have belonged to another row under earlier rules.
    const known = before.find(({ key }) => key === reject.key) ?? catalog.rejectOf(reject.key);
    const isSame = known !== undefined && isSameReject(reject, known);
    const since = known?.reason === reject.reason ? known.since : new Date(now).toISOString();
    const next = { ...reject, since, ...rejectedVersion(fetched, reject.key) };
    if (!isSame) changed++;
    if (!isSame || next.etag !== known.etag || next.size !== known.size) catalog.putReject(next);
  }
  for (const { key } of before) {
    if (rejects.some((reject) => reject.key === key)) continue;
    catalog.removeReject(key, rowId);
    changed++;
  }
  return changed;
}

/** Returns the version and values of a rejected record. Only the first record of a row is read; an unreadable one has no version. */
function rejectedVersion(
  { record, failure }: FetchedRow,
  key: string,
): Pick<CatalogReject, 'etag' | 'size' | 'values'> {
  if (record?.key !== key || failure || record.fault) return { etag: null, size: null, values: null };
  const { etag, size, reading } = record;
  return { etag, size, values: isFault(reading) ? null : reading };
}

const isSameReject = (a: Omit<Reject, 'since'>, b: Reject): boolean =>
  a.id === b.id && a.reason === b.reason && a.detail === b.detail && a.kept_previous === b.kept_previous;
