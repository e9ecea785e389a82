/**
 * A file of a directory store without a final line end may still be written: its last value may be truncated. It is read when it
 * has not changed for this time, ms.
 */
export const SETTLE_MS = 5_000;

/** Files that may still be written. */
export interface Unsettled {
  keys: ReadonlySet<string>;
  /** When all of them can be read unless they change again, ms since 1970 UTC. */
  readyAt: number;
}

/**
 * Whether a file may still be written. A time in the future is ignored.
 *
 * @param modified when it was last written, ms since 1970 UTC; undefined for a complete file
 * @param now ms since 1970 UTC
 */
export function isUnsettled(modified: number | undefined, now: number): boolean {
  return modified !== undefined && now >= modified && now - modified < SETTLE_MS;
}

/** Returns the time until files can be read, ms; at most `SETTLE_MS`, even when the clock jumps. */
export const msUntilSettled = ({ readyAt }: Unsettled, now: number): number =>
  Math.min(SETTLE_MS, Math.max(0, readyAt - now));

/**
 * Requests a run for unsettled files once they can be read. Usually the writer causes an event when it finishes; this is for files
 * that do not change again, and for lost events.
 *
 * @param clock ms since 1970 UTC
 * @param requestRun requests a run of these keys
 */
export function openRecheck(clock: () => number, requestRun: (keys: ReadonlySet<string>) => void) {
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
          requestRun(keys);
        },
        msUntilSettled(unsettled, clock()),
      );
    },
    /** Cancels the pending run. */
    cancel,
  };
}
