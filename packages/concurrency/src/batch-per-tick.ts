/** Collects items for one turn of the event loop and passes them to `onBatch` together, after the turn's other callbacks. */
export function batchPerTick<T>(onBatch: (items: T[]) => void) {
  let items: T[] = [];

  function flush(): void {
    const batch = items;
    items = [];
    if (batch.length > 0) onBatch(batch);
  }

  return {
    add(item: T): void {
      if (items.push(item) === 1) setImmediate(flush);
    },
    /** Drops the items that are not passed on yet. */
    clear(): void {
      items = [];
    },
  };
}
