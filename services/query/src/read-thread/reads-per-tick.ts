export type Turnstile = ReturnType<typeof openTurnstile>;

/**
 * Lets so many pass in one turn of the event loop, in the order in which they came. What was worked out leaves at the end of
 * a turn: if all that is asked at once were worked on in one, the first would wait for the last.
 */
export function openTurnstile(perTurn: number) {
  const waiting: (() => void)[] = [];
  let passed = 0;

  function nextTurn(): void {
    const ready = waiting.splice(0, perTurn);
    passed = ready.length;
    if (passed > 0) setImmediate(nextTurn);
    for (const pass of ready) pass();
  }

  return {
    /** @returns undefined when one may pass at once */
    pass(): Promise<void> | undefined {
      if (passed === 0) setImmediate(nextTurn);
      if (passed < perTurn) {
        passed++;
        return undefined;
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
