import type { ListingFault } from '@landfall/object-store/object-store';
import type { StateFile } from '@landfall/state-file/state-file';
import { type FaultyObject, faultyObject } from '../source/source-object.ts';

/** The part of the catalog that knows which objects the store cannot give, as the last listing said. */
export function openKeptFaults(db: StateFile) {
  const put = db.prepare('INSERT OR REPLACE INTO object_faults VALUES (?, ?, ?, ?)');
  const drop = db.prepare<[string, string]>('DELETE FROM object_faults WHERE user_id = ? AND key = ?');
  const ofUser = db.prepare<[string], { key: string } & ListingFault>(
    'SELECT key, code, detail FROM object_faults WHERE user_id = ?',
  );
  // Nearly always there are none: then a million objects cost no look each.
  let isAny = db.prepare<[], 0 | 1>('SELECT EXISTS (SELECT 1 FROM object_faults)').pluck().get() === 1;

  return {
    putFault(userId: string, { key, fault: { code, detail } }: FaultyObject): void {
      isAny = true;
      put.run(userId, key, code, detail);
    },
    /** @returns whether there was one */
    dropFault: (userId: string, key: string): boolean => isAny && drop.run(userId, key).changes > 0,
    faultsOf: (userId: string): FaultyObject[] =>
      isAny ? ofUser.all(userId).map(({ key, ...fault }) => faultyObject(key, fault)) : [],
  };
}
