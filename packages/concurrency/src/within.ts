/**
 * Waits for work, but not for longer than a time.
 *
 * @param ms from now
 * @param signal ends the wait as well
 * @returns whether the work was done by then; it goes on in any case
 * @throws whatever the work fails with by then
 */
export async function within(ms: number, work: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  let giveUp = (): void => undefined;
  const over = new Promise<false>((resolve) => {
    giveUp = () => resolve(false);
  });
  const timer = setTimeout(giveUp, ms);
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work.then(() => true), over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    work.catch(() => undefined);
  }
}
