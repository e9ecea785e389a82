import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the delay is sampled, ms. */
const RESOLUTION_MS = 20;
/** The mean of this time decides, ms: one long task, as a garbage collection, is no overload. */
const PERIOD_MS = 1_000;

/**
 * Observes whether the event loop is late.
 *
 * `@fastify/under-pressure` samples the same histogram. It is a plugin of Fastify: a request that it refuses has been routed before,
 * which takes as long as a small answer. This check stands in front of Fastify, and behind the response cache, whose answers are
 * not dearer than a refusal.
 *
 * @param maxMeanMs the mean delay from which the loop is late, ms; 0: never
 */
export function watchEventLoopDelay(maxMeanMs: number) {
  if (maxMeanMs === 0) return { isLate: () => false, close: () => undefined };
  let isLate = false;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const timer = setInterval(() => {
    // What is measured includes the time between two samples.
    isLate = delay.mean / 1e6 - RESOLUTION_MS > maxMeanMs;
    delay.reset();
  }, PERIOD_MS).unref();
  return {
    isLate: () => isLate,
    close(): void {
      clearInterval(timer);
      delay.disable();
    },
  };
}
