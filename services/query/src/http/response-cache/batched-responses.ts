import { gatherPerTurn } from '@landfall/concurrency/batch-per-tick';

export type Together = ReturnType<typeof openTogether>;

/**
 * Lets the answers of one turn of the event loop leave together, behind its last request. Whoever sends one at a time
 * wakes the other side each time, which under load costs as much as making a small answer.
 *
 * @returns takes what sends one answer
 */
export const openTogether = (): ((send: () => void) => void) =>
  gatherPerTurn<() => void>((sends) => {
    for (const send of sends) send();
  }).add;
