import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';

/** Between two attempts to get an answer, ms. */
const RETRY_MS = 5_000;

/**
 * Finds out whether the store checks the conditions of puts, which keep two ingestors from publishing at the same time. It
 * is asked once per start, and again until it answers.
 *
 * @param onAnswer called once, in a later turn
 */
export function probeFence(store: ObjectStore, bucket: string, log: Logger, onAnswer: () => void) {
  let answer: boolean | undefined;
  let timer: NodeJS.Timeout | undefined;
  let hasStopped = false;

  async function ask(): Promise<void> {
    try {
      answer = await store.supportsConditions(bucket);
    } catch (error) {
      log.debug({ err: error }, 'the store does not say whether it checks conditional puts');
      if (!hasStopped) timer = setTimeout(ask, RETRY_MS).unref();
      return;
    }
    if (hasStopped) return;
    if (!answer)
      log.warn('the store ignores conditional puts: only the lease in NATS keeps two ingestors apart');
    onAnswer();
  }
  void ask();

  return {
    /** undefined until the store has answered */
    isFenced: (): boolean | undefined => answer,
    stop(): void {
      hasStopped = true;
      clearTimeout(timer);
    },
  };
}
