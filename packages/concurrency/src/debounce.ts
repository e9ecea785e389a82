/** A burst is over once nothing came for so long, ms. */
export const QUIET_MS = 200;
/** No burst is waited for longer than this, ms. */
export const LONGEST_MS = 1_000;

/**
 * Gathers what comes in bursts: somebody copies a folder, a file is written in two steps.
 *
 * @param onBurst hears all that came in one, in order
 */
export function gather<Item>(onBurst: (items: Item[]) => void) {
  let items: Item[] = [];
  let quiet: NodeJS.Timeout | undefined;
  let longest: NodeJS.Timeout | undefined;

  function drop(): void {
    clearTimeout(quiet);
    clearTimeout(longest);
    [quiet, longest, items] = [undefined, undefined, []];
  }

  function end(): void {
    const burst = items;
    drop();
    onBurst(burst);
  }

  return {
    add(item: Item): void {
      items.push(item);
      longest ??= setTimeout(end, LONGEST_MS);
      clearTimeout(quiet);
      quiet = setTimeout(end, QUIET_MS);
    },
    /** Forgets what is being gathered. */
    drop,
  };
}
