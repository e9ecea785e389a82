/**
 * The tables of the served data set. It is all replaced within one transaction, so whatever a read transaction
 * sees belongs to one generation. Text is ordered by its UTF-8 bytes (SQLite's BINARY collation).
 */
export const DATABASE_LAYOUT = {
  schemaVersion: 1,
  schema: `
    CREATE TABLE users (
      user_id TEXT PRIMARY KEY,
      first_name TEXT NOT NULL,
      last_name TEXT NOT NULL,
      birthts INTEGER NOT NULL,
      img_path TEXT
    ) WITHOUT ROWID;

    -- How many were born on each UTC day (0 is 1970-01-01), with an image and without: statistics are read
    -- from here, a few ten thousand rows for any number of users.
    CREATE TABLE birth_days (
      birth_day INTEGER NOT NULL,
      has_image INTEGER NOT NULL,
      users INTEGER NOT NULL,
      PRIMARY KEY (birth_day, has_image)
    ) WITHOUT ROWID;

    CREATE TABLE rejects (
      key TEXT PRIMARY KEY,
      user_id TEXT NOT NULL,
      reason TEXT NOT NULL,
      detail TEXT NOT NULL,
      since TEXT NOT NULL,
      kept_previous INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- The manifest of the generation that is loaded: one row, or none before the first.
    CREATE TABLE loaded (manifest TEXT NOT NULL);
  `,
} as const;

/** Made after the rows of an empty table, which costs a fifth of keeping them up row by row (PERFORMANCE A3). */
export const USER_INDEXES = {
  drop: 'DROP INDEX IF EXISTS users_by_birth; DROP INDEX IF EXISTS users_by_image_and_birth;',
  create: `
    CREATE INDEX IF NOT EXISTS users_by_birth ON users (birthts);
    CREATE INDEX IF NOT EXISTS users_by_image_and_birth ON users ((img_path IS NOT NULL), birthts);
  `,
} as const;
