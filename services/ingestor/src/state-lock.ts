import path from 'node:path';
import { type Lock, openLock } from '@landfall/state-file/lock-file';

/** Between two attempts to get the lock, ms. */
const RETRY_MS = 1_000;

/**
 * Takes the lock on an ingestor's STATE_DIR, as soon as no other process has it.
 *
 * @param held the lock, where the caller has it already
 * @param onLocked called once, at once when the lock is free
 * @throws UnusableStateError when the folder does not allow it
 */
export function holdStateDir(stateDir: string, held: Lock | undefined, onLocked: () => void) {
  let lock = held;
  let timer: NodeJS.Timeout | undefined;

  function attempt(): void {
    lock ??= openLock(ingestorLock(stateDir));
    if (lock) onLocked();
    else timer = setTimeout(attempt, RETRY_MS).unref();
  }
  attempt();

  return {
    release(): void {
      clearTimeout(timer);
      lock?.release();
    },
  };
}

/** The file that the ingestor of a STATE_DIR locks. */
export const ingestorLock = (stateDir: string): string => path.join(stateDir, 'ingestor.lock');
