import { SettingsError } from './settings.ts';

/**
 * Ends the process because of an error that `main` could not deal with. One that the operator can fix (wrong settings, a
 * port that is taken, an error that says `isForOperator`) is printed without its stack, and the exit code is 78 (EX_CONFIG
 * of sysexits.h). Any other is printed with its stack, and the exit code is 1.
 */
export function exitWithError(error: unknown): never {
  const isForOperator = error instanceof SettingsError || isListenError(error) || saysForOperator(error);
  const text = error instanceof Error ? (isForOperator ? error.message : error.stack) : String(error);
  try {
    process.stderr.write(`${text}\n`);
  } catch {
    // Nobody reads it any more.
  }
  process.exit(isForOperator ? 78 : 1);
}

const saysForOperator = (error: unknown): boolean =>
  error instanceof Error && 'isForOperator' in error && error.isForOperator === true;

function isListenError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}
