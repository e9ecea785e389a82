import { type Logger, pino } from 'pino';

export type { Logger };

/** A logger that writes a JSON line per event to standard error; standard output is for people. */
export function makeLogger(service: string, level: string): Logger {
  return pino({ name: service, level }, pino.destination({ fd: 2, sync: true }));
}
