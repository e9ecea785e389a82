/** The tables of the catalog. Text is ordered by its UTF-8 bytes (SQLite's BINARY collation). */
export const CATALOG_LAYOUT = {
  schemaVersion: 4,
  schema: `
    -- Each record or image object of the source bucket as it was last seen. An object in no folder is found by
    -- its user as a range of keys (7.csv, 7.png: what begins with 7.), so only of the others the user is kept.
    CREATE TABLE objects (
      key TEXT PRIMARY KEY,
      user_id TEXT,
      etag TEXT NOT NULL,
      size INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX objects_in_folders ON objects (user_id) WHERE user_id IS NOT NULL;

    -- Users of whom some object is new, changed or gone, and whose row is yet to be made of that.
    CREATE TABLE due (user_id TEXT PRIMARY KEY) WITHOUT ROWID;

    -- The data set, the last good versions of broken users among them, and which version of which record object each
    -- was read from; of those that came back from what is published that is not known.
    CREATE TABLE users (
      user_id TEXT PRIMARY KEY,
      first_name TEXT NOT NULL,
      last_name TEXT NOT NULL,
      birthts INTEGER NOT NULL,
      img_path TEXT,
      record TEXT
    ) WITHOUT ROWID;

    -- What is wrong, with the version of the object that was read, if it was; of a birth that is yet to come also
    -- what the object says.
    CREATE TABLE rejects (
      key TEXT PRIMARY KEY,
      user_id TEXT NOT NULL,
      reason TEXT NOT NULL,
      detail TEXT NOT NULL,
      since TEXT NOT NULL,
      kept_previous INTEGER NOT NULL,
      etag TEXT,
      size INTEGER,
      first_name TEXT,
      last_name TEXT,
      birthts INTEGER
    ) WITHOUT ROWID;
    CREATE INDEX rejects_of_user ON rejects (user_id);

    -- How many images users without a record have.
    CREATE TABLE orphans (user_id TEXT PRIMARY KEY, images INTEGER NOT NULL) WITHOUT ROWID;

    -- Users whose rows are otherwise than they were published, or gone; none are noted before the first publication.
    CREATE TABLE changed (user_id TEXT PRIMARY KEY) WITHOUT ROWID;

    -- The copy of output.csv in the service's own folder, in stretches of some KiB: the first user of each, its
    -- length in bytes, its rows, and whether one of its users changed since.
    CREATE TABLE stretches (
      first_user_id TEXT PRIMARY KEY,
      bytes INTEGER NOT NULL,
      rows INTEGER NOT NULL,
      dirty INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- One row: the manifest of what is published, the counts of the run that did it, and whether users or rejects
    -- have changed since; and the checksum of the copy that the stretches are of.
    CREATE TABLE publication (
      manifest TEXT,
      counts TEXT,
      dirty INTEGER NOT NULL,
      copy_sha256 TEXT
    );
    INSERT INTO publication VALUES (NULL, NULL, 0, NULL);
  `,
} as const;
