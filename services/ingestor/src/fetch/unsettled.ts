/**
 * A file of a directory store without a line end at its end may still be written: its last value may be cut at any digit.
 * It is read once nobody has written to it for this time, ms.
 */
export const SETTLE_MS = 5_000;

/** Files that may still be written. */
export interface Unsettled {
  keys: ReadonlySet<string>;
  /** When all of them may be read, unless they are written to again: ms since 1970 UTC. */
  readyAt: number;
}

/**
 * Whether a file may still be written. A time in the future says nothing about it, and counts as long ago.
 *
 * @param modified when it was last written, ms since 1970 UTC; undefined where no writer can be at work
 * @param now ms since 1970 UTC
 */
export function isUnsettled(modified: number | undefined, now: number): boolean {
  return modified !== undefined && now >= modified && now - modified < SETTLE_MS;
}

/** How long to wait until files may be read, ms; never more than `SETTLE_MS`, whatever the clock does. */
export const settlesIn = ({ readyAt }: Unsettled, now: number): number =>
  Math.min(SETTLE_MS, Math.max(0, readyAt - now));

/**
 * Has files that were being written read again once they may be. Whoever writes them is expected to cause an event when
 * it is done; this is for those that stay as they are, and for lost events.
 *
 * @param clock ms since 1970 UTC
 * @param ask asks for a run of these keys
 */
export function openRecheck(clock: () => number, ask: (keys: ReadonlySet<string>) => void) {
  let waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function cancel(): void {
    clearTimeout(timer);
    waiting = new Set();
  }

  return {
    schedule(unsettled: Unsettled): void {
      const keys = waiting.union(unsettled.keys);
      cancel();
      waiting = keys;
      timer = setTimeout(
        () => {
          waiting = new Set();
          ask(keys);
        },
        settlesIn(unsettled, clock()),
      );
    },
    /** Forgets what is to be read again. */
    cancel,
  };
}
