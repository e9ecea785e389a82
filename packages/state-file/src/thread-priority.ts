import os from 'node:os';

/**
 * Lowers the priority of the calling thread, so that the thread that answers requests runs first. It works on Linux only:
 * elsewhere `setPriority` would change the whole process.
 *
 * A priority that is lower already, as in a process that was started with `nice`, stays: raising it needs a permission.
 *
 * @param priority a nice value, -20 to 19
 */
export function lowerThreadPriority(priority: number): void {
  if (process.platform !== 'linux' || os.getPriority() >= priority) return;
  try {
    os.setPriority(priority);
  } catch {
    // The system refuses it. The work is done at the present priority.
  }
}
