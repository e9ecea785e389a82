export type GenerationWaiters = ReturnType<typeof createGenerationWaiters>;

/** Lets requests wait until a generation is served. */
export function createGenerationWaiters(served: () => number) {
  const callbacks = new Set<() => void>();

  return {
    /** Checks what is served now. */
    notify(): void {
      for (const callback of callbacks) callback();
    },

    /**
     * Waits until a generation, or a later one, is served.
     *
     * @param timeoutMs how long to wait at most
     * @param signal ends the wait
     * @returns whether it is served
     */
    async waitFor(generation: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
      const isServed = () => served() >= generation;
      if (isServed() || signal?.aborted) return isServed();
      return await new Promise((resolve) => {
        const settle = () => {
          clearTimeout(timer);
          callbacks.delete(check);
          signal?.removeEventListener('abort', settle);
          resolve(isServed());
        };
        const check = () => {
          if (isServed()) settle();
        };
        const timer = setTimeout(settle, timeoutMs);
        callbacks.add(check);
        signal?.addEventListener('abort', settle);
      });
    },
  };
}
