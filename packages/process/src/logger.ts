import { type Logger, pino } from 'pino';

export type { Logger };

/** A logger that writes a JSON line per event to standard error; standard output is for people. */
export function makeLogger(service: string, level: string): Logger {
  const destination = pino.destination({ fd: 2, sync: true });
  // A log that nobody reads any more, or that is on a full disk, ends nothing.
  destination.on('error', () => undefined);
  return pino({ name: service, level }, destination);
}
