/** Writes per batch. Larger batches outlive V8's young generation. */
const BATCH = 128;

/** A write of one key: its new entry, or its removal. */
export interface EntryWrite<Entry> {
  readonly key: string;
  /** Undefined to remove the key. */
  readonly entry: Entry | undefined;
}

/**
 * Collects writes and passes them on in batches: a packed table rewrites a whole pack for each batch that touches it. Add the
 * keys in byte order, each once.
 *
 * @param onBatch called with each full batch, and by `flush` with the rest
 */
export function openWriteBuffer<Entry>(onBatch: (writes: readonly EntryWrite<Entry>[]) => void) {
  let writes: EntryWrite<Entry>[] = [];
  function flush(): void {
    onBatch(writes);
    writes = [];
  }
  return {
    put(key: string, entry: Entry): void {
      if (writes.push({ key, entry }) === BATCH) flush();
    },
    remove(key: string): void {
      if (writes.push({ key, entry: undefined }) === BATCH) flush();
    },
    flush,
  };
}
