import { AssertionError } from 'node:assert';
import { createRequire } from 'node:module';
import { type Logger, pino } from 'pino';
import type PinoPretty from 'pino-pretty';

export type { Logger };

/**
 * Creates a logger that writes one JSON line per event to standard error, or readable lines when that is a terminal. Standard output
 * is for people.
 *
 * @param isTerminal whether people read the log as it is written
 */
export function makeLogger(
  service: string,
  level: string,
  isTerminal: boolean = process.stderr.isTTY === true,
): Logger {
  const destination = pino.destination({ fd: 2, sync: true });
  // A closed log, or one on a full disk, must not end the process.
  destination.on('error', () => undefined);
  const options = { name: service, level, serializers: { err: serializeError } };
  if (!isTerminal) return pino(options, destination);
  // Loaded for terminals only.
  const pretty: typeof PinoPretty = createRequire(import.meta.url)('pino-pretty');
  return pino(
    options,
    pretty({ destination, ignore: 'pid,hostname,name', translateTime: 'SYS:HH:MM:ss', singleLine: true }),
  );
}

/** Errors of the language mean a fault of the program, also when Node gives them a code. */
const FAULTS = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, AssertionError];

/**
 * An error as the log has it. A stack is for faults of the program. What happens outside of it (a store that does not answer, a full
 * disk, a damaged file) has a class of its own or a code, and is told in one line.
 */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error) || isFault(error)) return pino.stdSerializers.err(error as Error);
  const code = codeOf(error) ?? (error.cause instanceof Error ? codeOf(error.cause) : undefined);
  return { type: error.name, message: messageOf(error), ...(code === undefined ? {} : { code }) };
}

function isFault(error: Error): boolean {
  // `fetch` reports a refused connection as a TypeError with the system's error as its cause.
  if (error.cause instanceof Error && codeOf(error.cause) !== undefined) return isFault(error.cause);
  if (FAULTS.some((Fault) => error instanceof Fault)) return true;
  return error.constructor === Error && codeOf(error) === undefined;
}

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** The message, and those of the causes and parts that it does not quote. */
function messageOf(error: Error): string {
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  const parts = inner.flatMap((each) => (each instanceof Error ? messageOf(each) : []));
  const more = parts.filter((part) => !error.message.includes(part)).join('; ');
  return [error.message, more].filter((part) => part !== '').join(': ');
}
