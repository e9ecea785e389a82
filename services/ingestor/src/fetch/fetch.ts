import { type Definition, hasJsonRecords, maxRecordBytes } from '@landfall/contracts/dataset/definition';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { type ObjectStore, type ReadObject, StoreError } from '@landfall/object-store/object-store';
import type { PendingRow } from '../catalog/catalog.ts';
import { formatRecordVersion } from '../catalog/rows.ts';
import { match, type RowObjects } from '../match/match.ts';
import { type RecordParser, recordParser, tooLarge } from '../parse/parse.ts';
import { type Fault, isFault, type Reading } from '../source/record.ts';
import type { SourceObject } from '../source/source-object.ts';

/** A queued row with its objects, and its record if it had to be read. */
export interface FetchedRow extends PendingRow {
  /** The objects of the row, without those that had vanished when they were read. */
  rowObjects: RowObjects;
  /** The first record object, the version that was read, and the result; undefined when there is none. */
  record: (SourceObject & { reading: Reading }) | undefined;
  wasRead: boolean;
  /** Why the record could not be read. */
  failure: StoreError | undefined;
  /** When a record that may still be written was last written, ms since 1970 UTC. It is not used. */
  unsettled: number | undefined;
  /** Keys that were listed and no longer exist. */
  vanished: string[];
}

/** Limits and rules of reading records. */
export interface FetchOptions {
  definition: Definition;
  /** Maximum number of records that are read at the same time. */
  concurrency: number;
  /** Whether an object may still be written and must not be used yet. */
  isUnsettled: (read: ReadObject) => boolean;
}

/**
 * Reads and parses the record of each row whose version the catalog does not know. A record that has vanished counts as
 * removed, and the next one with the same id takes its place. An error of one object is a fault of that object.
 *
 * @throws StoreError that affects the whole store
 */
export async function fetchRecords(
  store: ObjectStore,
  bucket: string,
  pending: readonly PendingRow[],
  { definition, concurrency, isUnsettled }: FetchOptions,
): Promise<FetchedRow[]> {
  const parser = recordParser(definition);
  const rows = pending.map(
    (row): FetchedRow => ({
      ...row,
      rowObjects: match(definition, row.rowId, row.objects),
      record: undefined,
      wasRead: false,
      failure: undefined,
      unsettled: undefined,
      vanished: [],
    }),
  );
  let unread = rows.filter((row) => !resolveUnread(definition, row));
  while (unread.length > 0) {
    const byKey = new Map(unread.map((row) => [row.rowObjects.records[0]?.key, row]));
    await store.readEach(
      bucket,
      unread.flatMap((row) => row.rowObjects.records[0] ?? []),
      { maxBytes: maxRecordBytes(definition), concurrency },
      (key, read) => {
        const row = byKey.get(key);
        if (!row) return;
        if (read instanceof StoreError) applyError(row, key, read);
        else if (isUnsettled(read) && !isComplete(definition, read, parser)) row.unsettled = read.modified;
        else applyObject(definition, row, key, read, parser);
      },
    );
    unread = unread.filter(
      (row) => !row.record && row.unsettled === undefined && !resolveUnread(definition, row),
    );
  }
  return rows;
}

/** Whether a file that may still be written is complete: a valid JSON text is, a CSV row without its line end may not be. */
const isComplete = (definition: Definition, { bytes }: ReadObject, { parse }: RecordParser): boolean =>
  hasJsonRecords(definition) && !isFault(parse(bytes));

function applyObject(
  definition: Definition,
  row: FetchedRow,
  key: string,
  read: ReadObject,
  parser: RecordParser,
): void {
  const { size, etag, bytes } = read;
  const reading = size > maxRecordBytes(definition) ? tooLarge(definition, size) : parser.parse(bytes);
  row.record = { key, size, etag, reading };
  row.wasRead = true;
}

function applyError(row: FetchedRow, key: string, error: StoreError): void {
  const [owner] = row.rowObjects.records;
  if (error.code === 'not_found') {
    row.vanished.push(key);
    row.rowObjects.records.shift();
  } else if (owner) {
    row.record = { ...owner, reading: unreadable(error) };
    row.failure = error;
  }
}

function unreadable({ code, message }: StoreError): Fault {
  if (code === 'outside_bucket') return { reason: code, detail: message };
  return { reason: 'unreadable', detail: code === 'unreadable' ? message : `${code}: ${message}` };
}

/**
 * Sets the result of a row whose record need not be read.
 *
 * @returns whether nothing has to be read: there is no record, or it is known, too large or faulty
 */
function resolveUnread(definition: Definition, row: FetchedRow): boolean {
  const [owner] = row.rowObjects.records;
  if (!owner) return true;
  if (owner.fault) {
    const { code, detail } = owner.fault;
    if (code === 'unreadable') row.failure = new StoreError(code, detail);
    row.record = { ...owner, reading: { reason: code, detail } };
    return true;
  }
  const isTooLarge = owner.size > maxRecordBytes(definition);
  const reading = isTooLarge ? tooLarge(definition, owner.size) : knownReading(definition, row, owner);
  if (reading) row.record = { ...owner, reading };
  return reading !== undefined;
}

/** Returns what the catalog knows about exactly this version of a record. */
function knownReading(
  definition: Definition,
  { row, rejects }: PendingRow,
  owner: SourceObject,
): Reading | undefined {
  const { key, etag, size } = owner;
  if (etag === '') return undefined;
  if (row?.recordVersion === formatRecordVersion(owner)) return rowCodec(definition).parseRow(row.line);
  const reject = rejects.find((each) => each.key === key && each.etag === etag && each.size === size);
  return reject && (reject.values ?? { reason: reject.reason, detail: reject.detail });
}
