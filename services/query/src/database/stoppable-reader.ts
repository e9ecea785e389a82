import type { Reader } from './snapshot-reader.ts';

/** Whether a read is still wanted. */
export interface Stop {
  readonly isStopped: boolean;
  /** Called once when it is not wanted any more. */
  onStop: (() => void) | undefined;
}

/** A read was stopped before its end because nobody waits for its result. */
export class StoppedError extends Error {
  override name = 'StoppedError';

  constructor() {
    super('the read was stopped: nobody waits for its result');
  }
}

/**
 * Makes a generator that can be stopped while it works. A plain generator's `return` waits for a pending `next`, which
 * for a read is until it finds something; here both settle soon.
 *
 * @param run throws `StoppedError` once it is stopped: a result that was cut short must not pass for a whole one
 * @param signal stops it as well
 */
export function stoppable<T>(
  run: (stop: Stop) => AsyncGenerator<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const state = { isStopped: false, onStop: undefined as Stop['onStop'] };
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

/** A reader whose every read at a generation first checks whether it is still wanted. */
export const stopping = (reader: Reader, stop: Pick<Stop, 'isStopped'>): Reader => ({
  ...reader,
  at(at, read) {
    if (stop.isStopped) throw new StoppedError();
    return reader.at(at, read);
  },
});
