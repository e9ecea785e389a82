import { type Logger, pino } from 'pino';

export type { Logger };

/** Creates a logger that writes one JSON line per event to standard error. Standard output is for people. */
export function makeLogger(service: string, level: string): Logger {
  const destination = pino.destination({ fd: 2, sync: true });
  // A closed log, or one on a full disk, must not end the process.
  destination.on('error', () => undefined);
  return pino({ name: service, level }, destination);
}
