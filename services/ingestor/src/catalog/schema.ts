import { RULES_VERSION } from '../source/record.ts';

/** Goes up with every change of the tables, below 1,000. */
const TABLES_VERSION = 8;

/** The tables of the catalog. Text is ordered by its UTF-8 bytes (SQLite's BINARY collation). */
export const CATALOG_LAYOUT = {
  // A catalog that was made by other rules of reading is discarded, and every object is read again.
  schemaVersion: 1_000 * TABLES_VERSION + RULES_VERSION,
  schema: `
    -- The record and image objects of the source bucket as they were last seen, in blocks (blocks.ts): keys and ETags
    -- with nothing between, and as JSON the lengths of both and the sizes of the objects.
    CREATE TABLE objects (first_key TEXT PRIMARY KEY, names TEXT NOT NULL, figures TEXT NOT NULL);

    -- Those of them that are in folders, or whose names are not in NFC, once more, to be found by their users. The others
    -- are found as a range of keys (7.csv, 7.png: what begins with 7.).
    CREATE TABLE objects_by_user (
      user_id TEXT NOT NULL,
      key TEXT NOT NULL,
      etag TEXT NOT NULL,
      size INTEGER NOT NULL,
      PRIMARY KEY (user_id, key)
    ) WITHOUT ROWID;

    -- Why the store cannot give some of the objects, as the last listing said.
    CREATE TABLE object_faults (
      user_id TEXT NOT NULL,
      key TEXT NOT NULL,
      code TEXT NOT NULL,
      detail TEXT NOT NULL,
      PRIMARY KEY (user_id, key)
    ) WITHOUT ROWID;

    -- Users who are to be looked at by every run: their record was being written, or may be in a folder that cannot be
    -- listed.
    CREATE TABLE unsettled (user_id TEXT PRIMARY KEY) WITHOUT ROWID;

    -- Users of whom some object is new, changed or gone, and whose row is yet to be made of that: so many, and their
    -- ids with a / between them.
    CREATE TABLE due (batch INTEGER PRIMARY KEY, users INTEGER NOT NULL, user_ids TEXT NOT NULL);

    -- The data set, the last good versions of broken users among them, in blocks (blocks.ts): so many lines of
    -- output.csv, and as JSON which version of which record object each was read from; of those that came back from
    -- what is published that is not known.
    CREATE TABLE users (
      first_key TEXT PRIMARY KEY,
      rows INTEGER NOT NULL,
      csv TEXT NOT NULL,
      kept TEXT NOT NULL
    );

    -- What is wrong, of unreadable folders without a user (''), with the version of the object that was read, if it was; of a birth that is yet to come also
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

    -- Users who have a row but no record object any more; the removal guard decides at each run whether their rows
    -- go. Of rows that were restored no record object was known.
    CREATE TABLE leaving (user_id TEXT PRIMARY KEY, was_known INTEGER NOT NULL) WITHOUT ROWID;

    -- One row: the text of manifest.json and its ETag as they were published last, the counts of the run that did it,
    -- whether users or rejects have changed since, the publication that was begun and not confirmed yet (JSON), and row
    -- counts of earlier generations that no manifest holds yet (JSON).
    CREATE TABLE publication (
      manifest TEXT,
      etag TEXT,
      counts TEXT,
      dirty INTEGER NOT NULL,
      attempt TEXT,
      row_peaks TEXT
    );
    INSERT INTO publication VALUES (NULL, NULL, NULL, 0, NULL, NULL);
  `,
} as const;
