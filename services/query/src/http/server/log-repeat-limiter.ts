import type { Logger } from '@landfall/process/logger';

/** One warning with the same message and code is written in this time, ms. The next one has the count of those left out. */
const WARN_EVERY_MS = 10_000;
/** Errors of one kind that are written in the same time. */
const ERRORS = 20;

/** The lines of one kind. */
interface Kind {
  /** On the monotonic clock, ms. */
  since: number;
  written: number;
  omitted: number;
}

/**
 * A logger that clients cannot flood: repeated warnings and errors are counted instead of written. The next line of the kind has
 * the count as `repeated`. Other levels are not limited.
 *
 * @param now monotonic, ms
 */
export function limitRepeatedLogs(log: Logger, now: () => number = () => performance.now()): Logger {
  const kinds = new Map<string, Kind>();

  /** @returns how many lines were left out before this one; undefined when this one is left out */
  function admit(key: string, max: number): number | undefined {
    const at = now();
    const kind = kinds.get(key);
    if (!kind || at - kind.since >= WARN_EVERY_MS) {
      kinds.set(key, { since: at, written: 1, omitted: 0 });
      return kind?.omitted ?? 0;
    }
    if (kind.written < max) {
      kind.written++;
      return 0;
    }
    kind.omitted++;
    return undefined;
  }

  const limited = (level: 'warn' | 'error', max: number) => (fields: unknown, message?: string) => {
    const text = typeof fields === 'string' ? fields : (message ?? '');
    const given = typeof fields === 'object' && fields !== null ? fields : {};
    const code = 'code' in given ? String(given.code) : '';
    const repeated = admit(`${level} ${code} ${text}`, max);
    if (repeated === undefined) return;
    log[level](repeated > 0 ? { ...given, repeated } : given, text);
  };
  return Object.assign(Object.create(log), { warn: limited('warn', 1), error: limited('error', ERRORS) });
}
