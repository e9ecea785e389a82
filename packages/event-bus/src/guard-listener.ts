import { asError } from './as-error.ts';
import type { BusSettings } from './event-bus.ts';

export type Report = (error: unknown, subject: string) => void;

/** Reports errors to `onError`. An error that `onError` throws is dropped: it must not end the process. */
export function guardedReport(onError: BusSettings['onError']): Report {
  return (error, subject) => {
    try {
      onError(asError(error), subject);
    } catch {
      // See above.
    }
  };
}

/** Calls a callback now. An error of the callback or of its promise is reported and not rethrown. */
export function callGuarded(callback: () => unknown, report: Report, subject: string): void {
  Promise.try(callback).catch((error) => report(error, subject));
}
