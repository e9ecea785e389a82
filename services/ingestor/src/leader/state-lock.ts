import path from 'node:path';
import { SettingsError } from '@landfall/process/settings';
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

/**
 * Takes a lock that must be free.
 *
 * @param setting that names the folder, and `folder` its path, for the error
 * @throws SettingsError when another process has it
 */
export function requireLock(file: string, setting: string, folder: string): Lock {
  const lock = openLock(file, setting);
  if (lock) return lock;
  throw new SettingsError([
    `${setting} (${path.resolve(folder)}) is used by another process: stop that one, or name another folder`,
  ]);
}

/** The file that the ingestor of a STATE_DIR locks. */
export const ingestorLock = (stateDir: string): string => path.join(stateDir, 'ingestor.lock');
