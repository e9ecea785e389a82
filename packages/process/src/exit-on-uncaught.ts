import type { Logger } from './logger.ts';

/**
 * Logs an uncaught error and exits with code 1, so that the supervisor restarts the process. Otherwise the process could
 * answer its health check with half of its parts broken. A closed standard output or error (EPIPE) is ignored.
 */
export function exitOnUncaught(log: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'uncaught error: the process exits');
    process.exit(1);
  });
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
}
