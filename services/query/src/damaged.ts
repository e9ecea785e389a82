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

/** Codes by which SQLite says that a file is damaged; a file that was cut is too short for a page that it should have. */
const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB|IOERR_SHORT_READ)/;

/** The same error, as a `DamagedDatabaseError` where SQLite says that the file is damaged. */
export function asDamage(error: unknown): unknown {
  const code = sqliteCode(error);
  if (!(error instanceof Error) || code === undefined || !DAMAGE.test(code)) return error;
  return error instanceof DamagedDatabaseError
    ? error
    : new DamagedDatabaseError(code, error.message, { cause: error });
}
