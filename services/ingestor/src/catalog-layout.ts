/** The tables of the catalog. Text is ordered by its UTF-8 bytes (SQLite's BINARY collation). */
export const CATALOG_LAYOUT = {
  schemaVersion: 1,
  schema: `
    -- Each record object that was read, at the version that was, with what it said: values or a fault.
    CREATE TABLE record_objects (
      key TEXT PRIMARY KEY,
      etag TEXT NOT NULL,
      size INTEGER NOT NULL,
      first_name TEXT,
      last_name TEXT,
      birthts INTEGER,
      reason TEXT,
      detail TEXT
    ) WITHOUT ROWID;

    -- The data set, the last good versions of broken users among them.
    CREATE TABLE users (
      user_id TEXT PRIMARY KEY,
      first_name TEXT NOT NULL,
      last_name TEXT NOT NULL,
      birthts INTEGER NOT NULL,
      img_path TEXT
    ) WITHOUT ROWID;

    CREATE TABLE rejects (
      key TEXT PRIMARY KEY,
      user_id TEXT NOT NULL,
      reason TEXT NOT NULL,
      detail TEXT NOT NULL,
      since TEXT NOT NULL,
      kept_previous INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- One row: the manifest of what is published, and whether users or rejects have changed since.
    CREATE TABLE publication (
      manifest TEXT,
      counts TEXT,
      dirty INTEGER NOT NULL
    );
    INSERT INTO publication VALUES (NULL, NULL, 0);
  `,
} as const;
