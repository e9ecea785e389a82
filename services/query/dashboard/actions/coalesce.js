/**
 * Runs work one at a time. Calls during a run share one further run.
 *
 * @param {() => Promise<void>} work does not throw
 * @returns {() => Promise<void>} resolves when a run that began after the call has ended
 */
export function coalesce(work) {
  let running = Promise.resolve();
  /** @type {Promise<void> | undefined} */
  let next;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      running = work();
      return running;
    });
    return next;
  };
}
