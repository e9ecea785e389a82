import { withTimeout } from '@landfall/concurrency/with-timeout';
import { BusError } from './event-bus.ts';

/**
 * Waits for the result of an operation of the bus for at most `ms`. A later result is ignored.
 *
 * @param operation its name in the error
 * @throws BusError timeout
 */
export const withBusTimeout = <T>(ms: number, result: Promise<T>, operation: string): Promise<T> =>
  withTimeout<T, never>(ms, result, () => {
    throw new BusError('timeout', `${operation}: no answer in ${ms} ms`);
  });
