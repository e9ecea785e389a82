import type { Catalog } from '../catalog/catalog.ts';
import { type RowKey, sourceKeyParser } from '../source/source-key.ts';
import type { SourceObject } from '../source/source-object.ts';
import type { ScanResult } from './scan-result.ts';

/** Writes the changes of a scan to the catalog and adds the affected rows to its work queue. */
export function openChangeRecorder(catalog: Catalog, result: ScanResult) {
  const [objects, queue] = [catalog.objectWriter(), catalog.queueWriter()];
  const parseKey = sourceKeyParser(catalog.definition);
  return {
    /** Records a new or changed object. */
    put(object: SourceObject, { id, kind }: RowKey, isNew: boolean): void {
      const { key, fault } = object;
      objects.put(object, id);
      const hadFault = catalog.removeFault(id, key);
      if (fault) catalog.putFault(id, { ...object, fault });
      // A new version of a companion under the same key changes no row.
      if (kind === 'record' || isNew || fault || hadFault) queue.add(id);
    },
    /** Records that an object no longer exists. */
    remove(key: string): void {
      const source = parseKey(key);
      if (source.kind === 'other') return;
      objects.remove(key, source.id);
      catalog.removeFault(source.id, key);
      result.gone++;
      queue.add(source.id);
    },
    /** Queues a row whose unchanged record object could not be read before. */
    retry: (id: string): void => queue.add(id),
    flush(): void {
      objects.flush();
      queue.flush();
    },
  };
}
