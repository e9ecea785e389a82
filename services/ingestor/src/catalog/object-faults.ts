import type { ListingFault } from '@landfall/object-store/object-store';
import type { StateFile } from '@landfall/state-file/state-file';
import { type FaultyObject, faultyObject } from '../source/source-object.ts';

/** The catalog's table of objects that the store cannot read, as of the last listing. */
export function openObjectFaultsTable(db: StateFile) {
  const insert = db.prepare('INSERT OR REPLACE INTO object_faults VALUES (?, ?, ?, ?)');
  const remove = db.prepare<[string, string]>('DELETE FROM object_faults WHERE row_id = ? AND key = ?');
  const selectByRow = db.prepare<[string], { key: string } & ListingFault>(
    'SELECT key, code, detail FROM object_faults WHERE row_id = ?',
  );
  // The table is nearly always empty. This flag saves one statement per object.
  let hasFaults = db.prepare<[], 0 | 1>('SELECT EXISTS (SELECT 1 FROM object_faults)').pluck().get() === 1;

  return {
    putFault(rowId: string, { key, fault: { code, detail } }: FaultyObject): void {
      hasFaults = true;
      insert.run(rowId, key, code, detail);
    },
    /** @returns whether the object had a fault */
    removeFault: (rowId: string, key: string): boolean => hasFaults && remove.run(rowId, key).changes > 0,
    faultsOf: (rowId: string): FaultyObject[] =>
      hasFaults ? selectByRow.all(rowId).map(({ key, ...fault }) => faultyObject(key, fault)) : [],
  };
}
