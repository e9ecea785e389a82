import { SettingsError } from './settings.ts';

/**
 * Ends the process because of an error that `main` could not deal with: one that the operator can mend is told
 * in plain words (exit code 78, EX_CONFIG of sysexits.h), any other with its stack (exit code 1).
 */
export function fail(error: unknown): never {
  const operator = error instanceof SettingsError || isListenError(error);
  const text = error instanceof Error ? (operator ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(operator ? 78 : 1);
}

function isListenError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}
