import { batchPerTick } from '@landfall/concurrency/batch-per-tick';

export type ResponseBatcher = ReturnType<typeof openResponseBatcher>;

/**
 * Sends the responses of one event-loop tick together, after the tick's last request. Each single send wakes the client; under
 * load, that costs as much as making a small response.
 *
 * @returns a function that takes the send operation of one response
 */
export const openResponseBatcher = (): ((send: () => void) => void) =>
  batchPerTick<() => void>((sends) => {
    for (const send of sends) send();
  }).add;
