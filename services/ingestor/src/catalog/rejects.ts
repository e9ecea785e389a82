import { type Definition, isTimeField } from '@landfall/contracts/dataset/definition';
import type { Reject } from '@landfall/contracts/dataset/reject';
import { storedTime } from '@landfall/contracts/values/time';
import type { StateFile } from '@landfall/state-file/state-file';
import type { RecordValues } from '../source/record.ts';
import { PAGE_ROWS, readPages } from './storage/paged-query.ts';

/** A reject, and the version of the object that was read; null if it was not read. */
export interface CatalogReject extends Reject {
  etag: string | null;
  size: number | null;
  /** The record's values, if they can become valid as time passes. */
  values: RecordValues | null;
}

type RejectRow = Omit<CatalogReject, 'id' | 'kept_previous' | 'values'> & {
  row_id: string;
  kept_previous: 0 | 1;
  record_values: string | null;
};

/** The row id in the reject of a folder. */
export const NO_ROW = '';

/** Rejects whose cause may be gone although the object is unchanged: permissions, links, archived objects. */
const IS_UNREADABLE = "reason IN ('unreadable', 'outside_bucket')";

/** The catalog's table of current rejects. */
export function openRejectsTable(db: StateFile, { fields }: Definition) {
  const selectByRow = db.prepare<[string], RejectRow>('SELECT * FROM rejects WHERE row_id = ?');
  const selectByKey = db.prepare<[string], RejectRow>('SELECT * FROM rejects WHERE key = ?');
  const selectAfter = db.prepare<[string, number], RejectRow>(
    'SELECT * FROM rejects WHERE key > ? ORDER BY key LIMIT ?',
  );
  // Without folders, which belong to no row.
  const rejectedIds = db
    .prepare<[], string>("SELECT DISTINCT row_id FROM rejects WHERE row_id <> ''")
    .pluck();
  const unreadableIds = db
    .prepare<[], string>(`SELECT DISTINCT row_id FROM rejects WHERE ${IS_UNREADABLE} AND row_id <> ''`)
    .pluck();
  const isUnreadable = db
    .prepare<[string], 1>(`SELECT 1 FROM rejects WHERE key = ? AND ${IS_UNREADABLE}`)
    .pluck();
  const validAt = fields
    .filter(isTimeField)
    .filter(({ past }) => past === true)
    .map((field) => ({
      field,
      select: db
        .prepare<[string | number], string>(
          `SELECT DISTINCT row_id FROM rejects
           WHERE reason = '${field.name}_in_future' AND record_values ->> '$.${field.name}' <= ?`,
        )
        .pluck(),
    }));
  const insert = db.prepare(
    `INSERT OR REPLACE INTO rejects VALUES
     (@key, @id, @reason, @detail, @since, @kept_previous, @etag, @size, @record_values)`,
  );
  const remove = db.prepare<[string, string]>('DELETE FROM rejects WHERE key = ? AND row_id = ?');
  const count = db.prepare<[], number>('SELECT count(*) FROM rejects').pluck();

  /** Only the fields: values that come from a stored row also contain its id and its companions. */
  const formatValues = (values: RecordValues): string =>
    JSON.stringify(Object.fromEntries(fields.map(({ name }) => [name, values[name]])));

  return {
    rejectOf(key: string): CatalogReject | undefined {
      const row = selectByKey.get(key);
      return row && toReject(row);
    },
    rejectsOf: (rowId: string): CatalogReject[] => selectByRow.all(rowId).map(toReject),
    rejectedRowIds: (): string[] => rejectedIds.all(),
    /** Rows with objects that could not be read. A later attempt may succeed although the objects are unchanged. */
    unreadableRowIds: (): string[] => unreadableIds.all(),
    isUnreadable: (key: string): boolean => isUnreadable.get(key) !== undefined,
    /**
     * Rows that were rejected because of a timestamp in the future that is no longer in the future.
     *
     * @param now ms since 1970 UTC
     */
    rowIdsValidAt: (now: number): Set<string> =>
      new Set(validAt.flatMap(({ field, select }) => select.all(storedTime(field, now)))),
    putReject({ values, ...reject }: CatalogReject): void {
      const record_values = values && formatValues(values);
      insert.run({ ...reject, kept_previous: reject.kept_previous ? 1 : 0, record_values });
    },
    /** Removes the reject of a key only if it belongs to this row: the key may belong to another row id by now. */
    removeReject: (key: string, rowId: string) => remove.run(key, rowId),
    rejectCount: () => count.get() ?? 0,
    /** In UTF-8 byte order of the key. */
    rejects: () => readPages((last?: RejectRow) => selectAfter.all(last?.key ?? '', PAGE_ROWS), toReject),
  };
}

function toReject({ row_id, kept_previous, record_values, ...row }: RejectRow): CatalogReject {
  return {
    ...row,
    id: row_id,
    kept_previous: kept_previous === 1,
    values: record_values === null ? null : JSON.parse(record_values),
  };
}
