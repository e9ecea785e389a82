import { SettingsError } from './settings.ts';

/**
 * Prints an error and exits. An error that the operator can fix (wrong settings, a port in use, an error with
 * `isForOperator`) is printed without its stack, with exit code 78 (EX_CONFIG of sysexits.h). Any other error is printed with
 * its stack, with exit code 1.
 */
export function exitWithError(error: unknown): never {
  const isForOperator = error instanceof SettingsError || isListenError(error) || isMarkedForOperator(error);
  const hint = isListenError(error) ? '. Check the settings HOST and PORT (PORT=0: any free port)' : '';
  const text = error instanceof Error ? (isForOperator ? error.message + hint : error.stack) : String(error);
  try {
    process.stderr.write(`${text}\n`);
  } catch {
    // Standard error is closed.
  }
  process.exit(isForOperator ? 78 : 1);
}

const isMarkedForOperator = (error: unknown): boolean =>
  error instanceof Error && 'isForOperator' in error && error.isForOperator === true;

function isListenError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}
