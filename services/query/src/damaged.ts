import { isDamage } from '@landfall/state-file/damage';

/**
 * The database file is damaged, or no database any more: what was read from it cannot be trusted, and it has to be made
 * again.
 */
export class DamagedDatabaseError extends Error {
  override name = 'DamagedDatabaseError';
  /** SQLite's code for what it found. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** SQLite's code of an error, as better-sqlite3 has it; undefined for other errors. */
export const sqliteCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^SQLITE_/.test(error.code)
    ? error.code
    : undefined;

/** The same error, as a `DamagedDatabaseError` where SQLite says that the file is damaged. */
export function asDamage(error: unknown): unknown {
  if (error instanceof DamagedDatabaseError || !isDamage(error)) return error;
  return new DamagedDatabaseError(sqliteCode(error) ?? 'state_damaged', error.message, { cause: error });
}
