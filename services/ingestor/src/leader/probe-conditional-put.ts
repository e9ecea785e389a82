import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';

/** Time between two attempts, ms. */
const RETRY_MS = 5_000;

/**
 * Checks whether the store enforces conditional puts, which prevent two ingestors from publishing at the same time. Checks
 * once per start, and retries until the store answers.
 *
 * @param onAnswer called once, in a later turn of the event loop
 */
export function probeConditionalPut(store: ObjectStore, bucket: string, log: Logger, onAnswer: () => void) {
  let isSupported: boolean | undefined;
  let timer: NodeJS.Timeout | undefined;
  let hasStopped = false;

  async function probe(): Promise<void> {
    try {
      isSupported = await store.supportsConditions(bucket);
    } catch (error) {
      log.debug({ err: error }, 'the check of conditional puts failed');
      if (!hasStopped) timer = setTimeout(probe, RETRY_MS).unref();
      return;
    }
    if (hasStopped) return;
    if (!isSupported)
      log.warn('the store ignores conditional puts: only the lease in NATS keeps two ingestors apart');
    onAnswer();
  }
  void probe();

  return {
    /** Undefined until the store has answered. */
    isSupported: (): boolean | undefined => isSupported,
    stop(): void {
      hasStopped = true;
      clearTimeout(timer);
    },
  };
}
