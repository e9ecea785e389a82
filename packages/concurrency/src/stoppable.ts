/** The state of work that can be stopped. */
export interface StopState {
  readonly isStopped: boolean;
  /** Called once when the work is stopped. */
  onStop: (() => void) | undefined;
}

/** The work was stopped before its end, because its result is not needed any more. */
export class StoppedError extends Error {
  override name = 'StoppedError';

  constructor() {
    super('the work was stopped: its result is not needed any more');
  }
}

/**
 * Makes an async generator that can be stopped while a `next` is pending. The `return` of a plain generator waits for the
 * pending `next`; here it stops the work, and both settle soon.
 *
 * @param run throws StoppedError once the work is stopped: an incomplete result must not pass for a complete one
 * @param signal stops the work, as `return` does
 */
export function stoppable<T>(
  run: (state: StopState) => AsyncGenerator<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const state = { isStopped: false, onStop: undefined as StopState['onStop'] };
  function stop(): void {
    if (state.isStopped) return;
    state.isStopped = true;
    state.onStop?.();
  }
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  const parts = run(state);
  const finish = parts.return.bind(parts);
  return Object.assign(parts, {
    return(value: unknown) {
      stop();
      return finish(value);
    },
  });
}
