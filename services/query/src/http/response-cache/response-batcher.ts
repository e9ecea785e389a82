import { gatherPerTurn } from '@landfall/concurrency/batch-per-tick';

export type ResponseBatcher = ReturnType<typeof openResponseBatcher>;

/**
 * Lets the answers of one turn of the event loop leave together, behind its last request. Whoever sends one at a time
 * wakes the other side each time, which under load costs as much as making a small answer.
 *
 * @returns takes what sends one answer
 */
export const openResponseBatcher = (): ((send: () => void) => void) =>
  gatherPerTurn<() => void>((sends) => {
    for (const send of sends) send();
  }).add;
