/** A burst ends when no item was added for this time, ms. */
export const QUIET_MS = 200;
/** A burst ends at the latest this long after its first item, ms. */
export const MAX_WAIT_MS = 1_000;

/**
 * Debounces items that come in bursts, as when a folder is copied or a file is written in two steps.
 *
 * @param onBurst called at the end of a burst with its items, in order
 */
export function debounce<Item>(onBurst: (items: Item[]) => void) {
  let items: Item[] = [];
  let quietTimer: NodeJS.Timeout | undefined;
  let maxWaitTimer: NodeJS.Timeout | undefined;

  function cancel(): void {
    clearTimeout(quietTimer);
    clearTimeout(maxWaitTimer);
    [quietTimer, maxWaitTimer, items] = [undefined, undefined, []];
  }

  function flush(): void {
    const burst = items;
    cancel();
    onBurst(burst);
  }

  return {
    add(item: Item): void {
      items.push(item);
      maxWaitTimer ??= setTimeout(flush, MAX_WAIT_MS);
      clearTimeout(quietTimer);
      quietTimer = setTimeout(flush, QUIET_MS);
    },
    /** Drops the items of the current burst. */
    cancel,
  };
}
