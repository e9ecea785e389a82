import type { EventBus } from './event-bus.ts';

/** How long a subject may take to be answered, ms. */
const TIMEOUT_MS = 10_000;

/** Waits until a subject is answered: a subscription takes effect a moment after it was made. */
export async function untilAnswered(bus: EventBus, subject: string): Promise<void> {
  const end = Date.now() + TIMEOUT_MS;
  for (;;) {
    try {
      await bus.request(subject, {}, TIMEOUT_MS);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
