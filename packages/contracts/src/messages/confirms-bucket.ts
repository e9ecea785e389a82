import type { RunReport } from './run.ts';

/** Conditions of a run that saw the bucket, and whose result is not the whole bucket. */
const INCOMPLETE: ReadonlySet<string> = new Set(['removals_held', 'folder_unreadable']);

/**
 * Whether a run confirms that its generation is the whole bucket, as it was when the run began. Runs that bucket events start do not: when
 * events are lost, a run for single keys misses changes. The data age counts from such a run.
 */
export function confirmsBucket({ trigger, status, held = 0, conditions = [] }: RunReport): boolean {
  return (
    status === 'succeeded' &&
    trigger !== 'bucket' &&
    held === 0 &&
    !conditions.some(({ code }) => INCOMPLETE.has(code))
  );
}
