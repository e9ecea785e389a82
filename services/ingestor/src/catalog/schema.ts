import { createHash } from 'node:crypto';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { definitionHash } from '@landfall/contracts/definition/definition-hash';
import type { StateFileLayout } from '@landfall/state-file/state-file';
import { RULES_VERSION } from '../source/record.ts';

/** Increase with every change of the tables. */
const TABLES_VERSION = 9;

/**
 * The layout of a catalog. Text is ordered by its UTF-8 bytes (SQLite's BINARY collation).
 *
 * The version is a checksum of the tables' version, the rules for reading records, and the definition's hash. A catalog that differs
 * in one of them is discarded, and the next run reads every object again.
 */
export const catalogLayout = (definition: Definition): StateFileLayout => ({
  schemaVersion: positiveChecksum(
    JSON.stringify([TABLES_VERSION, RULES_VERSION, definitionHash(definition)]),
  ),
  schema: SCHEMA,
});

/** 31 bits, because `user_version` is a signed 32-bit integer; never 0, the version of an empty file. */
const positiveChecksum = (text: string): number =>
  createHash('sha256').update(text).digest().readUInt32BE() >>> 1 || 1;

const SCHEMA = `
  -- The record and companion objects of the source bucket as they were last listed, as a packed table (packed-table.ts).
  -- names: keys and ETags without separators. figures: JSON, per object the length of its key, of its ETag, and its size.
  CREATE TABLE packed_objects (first_key TEXT PRIMARY KEY, names TEXT NOT NULL, figures TEXT NOT NULL);

  -- A second entry for objects that a range of keys does not find by the row id (7.csv and 7.png: keys that begin with 7.):
  -- objects in folders, and objects whose names are not in NFC.
  CREATE TABLE objects_by_row (
    row_id TEXT NOT NULL,
    key TEXT NOT NULL,
    etag TEXT NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (row_id, key)
  ) WITHOUT ROWID;

  -- Objects that the store cannot read, with the reason from the last listing.
  CREATE TABLE object_faults (
    row_id TEXT NOT NULL,
    key TEXT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (row_id, key)
  ) WITHOUT ROWID;

  -- Rows that every run processes: the record may still be written, or may be in a folder that cannot be listed.
  CREATE TABLE unsettled_rows (row_id TEXT PRIMARY KEY) WITHOUT ROWID;

  -- Rows with a new, changed or removed object that are not processed yet. row_ids is separated by slashes.
  CREATE TABLE work_queue (batch INTEGER PRIMARY KEY, row_count INTEGER NOT NULL, row_ids TEXT NOT NULL);

  -- The data set as a packed table, including the last good versions of rows whose records are broken.
  -- lines: consecutive lines of output.csv. versions: JSON, per row its id, the length of its line, and the version of the
  -- record object (null for a row that was restored from the processed bucket).
  CREATE TABLE packed_rows (
    first_key TEXT PRIMARY KEY,
    row_count INTEGER NOT NULL,
    lines TEXT NOT NULL,
    versions TEXT NOT NULL
  );

  -- Current rejects. row_id is '' for an unreadable folder. etag and size: the version of the object that was read, if any.
  -- record_values: JSON, the record's values if they can become valid as time passes.
  CREATE TABLE rejects (
    key TEXT PRIMARY KEY,
    row_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    since TEXT NOT NULL,
    kept_previous INTEGER NOT NULL,
    etag TEXT,
    size INTEGER,
    record_values TEXT
  ) WITHOUT ROWID;
  CREATE INDEX rejects_by_row ON rejects (row_id);

  -- The number of images of each row id that has no record.
  CREATE TABLE orphans (row_id TEXT PRIMARY KEY, images INTEGER NOT NULL) WITHOUT ROWID;

  -- Rows that differ from the published data set; empty before the first publication.
  CREATE TABLE changed_rows (row_id TEXT PRIMARY KEY) WITHOUT ROWID;

  -- Rows without a record object; the removal guard decides in each run whether they are removed. was_listed is 0 for a
  -- restored row, whose record object was never listed.
  CREATE TABLE removal_candidates (row_id TEXT PRIMARY KEY, was_listed INTEGER NOT NULL) WITHOUT ROWID;

  -- One row. manifest: the text of the last published manifest.json. counts: JSON, of the run that published it.
  -- dirty: whether rows or rejects have changed since. attempt: JSON, the publication that is not confirmed yet.
  -- row_peaks: JSON, row counts of earlier generations that no manifest contains yet.
  CREATE TABLE publish_state (
    manifest TEXT,
    etag TEXT,
    counts TEXT,
    dirty INTEGER NOT NULL,
    attempt TEXT,
    row_peaks TEXT
  );
  INSERT INTO publish_state VALUES (NULL, NULL, NULL, 0, NULL, NULL);
`;
