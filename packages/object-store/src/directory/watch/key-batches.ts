/** How long keys are gathered before they are handed on together, ms. */
const GATHER_MS = 20;
/** With more changed keys, the change counts as unknown: a burst of that size loses events anyway. */
const MAX_KEYS = 2_000;

/**
 * Gathers keys, and hands them on together.
 *
 * @param onKeys is called by a timer: it must not throw. It gets undefined when it is not known which keys changed
 */
export function batchKeys(onKeys: (keys: readonly string[] | undefined) => void) {
  let keys = new Set<string>();
  let isAll = false;
  let timer: NodeJS.Timeout | undefined;

  function later(): void {
    timer ??= setTimeout(() => {
      const gathered = isAll ? undefined : [...keys];
      timer = undefined;
      isAll = false;
      keys = new Set();
      onKeys(gathered);
    }, GATHER_MS).unref();
  }

  return {
    note(key: string): void {
      if (keys.size < MAX_KEYS) keys.add(key);
      else isAll = true;
      later();
    },
    noteAll(): void {
      isAll = true;
      later();
    },
    drop: () => clearTimeout(timer),
  };
}
