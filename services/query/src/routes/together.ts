import type { Scope } from './scope.ts';

export type Together = ReturnType<typeof openTogether>;

/**
 * Lets the answers of one turn of the event loop leave together, behind its last request. Whoever sends one at a time
 * wakes the other side each time, which under load costs as much as making a small answer.
 */
export function openTogether() {
  let waiting: (() => void)[] = [];

  function sendAll(): void {
    const ready = waiting;
    waiting = [];
    for (const send of ready) send();
  }

  function add(send: () => void): void {
    if (waiting.push(send) === 1) setImmediate(sendAll);
  }

  return {
    /** @param send sends one answer */
    add,
    /** @param app whose answers leave so; its hooks so far see them before */
    addAll(app: Scope): void {
      app.addHook('onSend', (_request, _reply, _payload, done) => add(done));
    },
  };
}
