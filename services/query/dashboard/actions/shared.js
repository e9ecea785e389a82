/**
 * Does work one at a time: who asks for it while it is done shares the next time with all who ask meanwhile.
 *
 * @param {() => Promise<void>} work does not throw
 * @returns {() => Promise<void>} resolves when the work was done from after the call on
 */
export function shared(work) {
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
