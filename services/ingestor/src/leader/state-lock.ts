import path from 'node:path';
import { SettingsError } from '@landfall/process/settings';
import { type Lock, openLock } from '@landfall/state-file/lock-file';

/** Time between two attempts to get the lock, ms. */
const RETRY_MS = 1_000;

/**
 * Waits for the lock on an ingestor's STATE_DIR.
 *
 * @param held the lock, when the caller holds it already
 * @param onLocked called once; synchronously when the lock is free
 * @throws UnusableStateError when the folder cannot be used
 */
export function acquireStateLock(stateDir: string, held: Lock | undefined, onLocked: () => void) {
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
 * Takes a lock without waiting.
 *
 * @param setting the setting that names the folder, for the error
 * @param folder the path of the folder, for the error
 * @throws SettingsError when another process holds the lock
 */
export function requireLock(file: string, setting: string, folder: string): Lock {
  const lock = openLock(file, setting);
  if (lock) return lock;
  throw new SettingsError([
    `${setting} (${path.resolve(folder)}) is used by another process: stop that one, or name another folder`,
  ]);
}

/** The lock file of a STATE_DIR. */
export const ingestorLock = (stateDir: string): string => path.join(stateDir, 'ingestor.lock');
