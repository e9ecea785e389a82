/**
 * The names of the database's tables and columns, quoted for SQL. Names that begin with `__` belong to the program; columns of
 * `__rows` with other names come from the data set's definition.
 */
export const GENERATIONS_TABLE = '"__generations"';
/** The versions of the rows: the key column, the fields and the companions' columns by their names. */
export const ROWS_TABLE = '"__rows"';
/** Which rows a generation changed: `generation`, `id`. */
export const CHANGES_TABLE = '"__changes"';
/** Rows per value of the first statistic and group: `value`, `group`, `count`. */
export const ROLLUP_TABLE = '"__rollup"';
/** The statistic that the rollup is made for: `name`. */
export const ROLLUP_STATISTIC_TABLE = '"__rollup_statistic"';
/** The versions of the rejects: `REJECT_COLUMNS`. */
export const REJECTS_TABLE = '"__rejects"';

/** The first generation that a version is valid in. */
export const VALID_FROM = '"__valid_from"';
/** The first generation that a version is not valid in any more; `STILL_VALID` for the newest version. */
export const VALID_UNTIL = '"__valid_until"';
/** The row's line of output.csv without its `\n` when a value needs quotes; otherwise null. */
export const QUOTED_CSV = '"__quoted_csv"';

/** Columns of a reject, in the order of rejects.csv. `id` is the value of the key column. */
export const REJECT_COLUMNS = ['key', 'id', 'reason', 'detail', 'since', 'kept_previous'] as const;

/** `__valid_until` of a version that is still valid: a number beyond every generation. */
export const STILL_VALID = Number.MAX_SAFE_INTEGER;

/** A column of `__rows` that comes from the definition, quoted for SQL. */
export const columnSql = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The index of `__rows` on a column other than the key column, quoted for SQL. */
export const indexSql = (column: string): string => columnSql(`__rows_by_${column}`);
