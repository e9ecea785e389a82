import os from 'node:os';

/**
 * Lowers the priority of the calling thread, so that whoever answers requests comes first. On Linux `setPriority` is about
 * one thread; elsewhere it would be about the process, and nothing is done.
 *
 * Where the priority is lower already, as in a process that was started with `nice`, raising it needs a permission: the
 * thread keeps what it has.
 *
 * @param priority a nice value, -20 to 19
 */
export function lowerThreadPriority(priority: number): void {
  if (process.platform !== 'linux' || os.getPriority() >= priority) return;
  try {
    os.setPriority(priority);
  } catch {
    // Refused by the system: the work is done all the same.
  }
}
