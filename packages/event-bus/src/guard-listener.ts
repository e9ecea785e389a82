import { asError } from './as-error.ts';
import type { BusSettings } from './event-bus.ts';

export type Report = (error: unknown, subject: string) => void;

/** Reports errors to `onError`. One that `onError` throws itself is dropped: it must not end the process. */
export function guardedReport(onError: BusSettings['onError']): Report {
  return (error, subject) => {
    try {
      onError(asError(error), subject);
    } catch {
      // There is nobody left to report it to.
    }
  };
}

/** Calls a callback now. What it throws, now or later, is reported and goes no further. */
export function callGuarded(callback: () => unknown, report: Report, subject: string): void {
  Promise.try(callback).catch((error) => report(error, subject));
}
