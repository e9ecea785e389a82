import type { Logger } from './logger.ts';

/**
 * What happens to errors that nobody caught: they are logged, and the process ends with exit code 1, to be started again.
 * Going on would leave a process that answers its health check and does half of its work. A reader of the output that has
 * gone (EPIPE) is no reason to end.
 */
export function exitOnUncaught(log: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'an error was not caught: the process ends');
    process.exit(1);
  });
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
}
