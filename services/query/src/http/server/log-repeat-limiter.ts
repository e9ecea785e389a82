import type { Logger } from '@landfall/process/logger';

/** Of warnings with the same message and code, one is written in this time, ms, with how many there were. */
const WARN_EVERY_MS = 10_000;
/** Errors are written one by one, but no more than this many of one kind in the same time. */
const ERRORS = 20;

/** What was logged of one kind. */
interface Kind {
  /** On the monotonic clock, ms. */
  since: number;
  written: number;
  omitted: number;
}

/**
 * A logger that clients cannot fill: what they cause again and again is counted instead of written. The next line of its kind
 * says how many were left out, as `repeated`. What is not a warning or an error passes.
 *
 * @param now monotonic, ms
 */
export function limitRepeatedLogs(log: Logger, now: () => number = () => performance.now()): Logger {
  const kinds = new Map<string, Kind>();

  /** @returns how many were left out before this one; undefined when it is to be left out itself */
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
    const told = typeof fields === 'string' ? fields : (message ?? '');
    const given = typeof fields === 'object' && fields !== null ? fields : {};
    const code = 'code' in given ? String(given.code) : '';
    const repeated = admit(`${level} ${code} ${told}`, max);
    if (repeated === undefined) return;
    log[level](repeated > 0 ? { ...given, repeated } : given, told);
  };
  return Object.assign(Object.create(log), { warn: limited('warn', 1), error: limited('error', ERRORS) });
}
