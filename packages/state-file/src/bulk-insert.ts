import type { StateFile } from './state-file.ts';

/** A value of a column. */
export type ColumnValue = string | number | null;

/** Rows a statement: one by one a row costs 2 to 3 µs, together 1.2; more than this gains nothing. */
const ROWS = 32;

/** Gathers rows to statements of many. */
export interface BulkInsert {
  add: (...row: ColumnValue[]) => void;
  /** Writes what is gathered; nothing is written for certain before. */
  flush: () => void;
}

/**
 * Prepares to insert many rows.
 *
 * @param into up to the word VALUES, `INSERT OR REPLACE INTO users` say
 * @param columns how many values each row has
 * @returns begins to gather rows, with nothing left of those that were never written
 */
export function bulkInsert(db: StateFile, into: string, columns: number): () => BulkInsert {
  const row = `(${Array(columns).fill('?').join()})`;
  const one = db.prepare(`${into} VALUES ${row}`);
  const many = db.prepare(`${into} VALUES ${Array(ROWS).fill(row).join()}`);
  return () => {
    const gathered: ColumnValue[] = Array(ROWS * columns).fill(null);
    let at = 0;
    return {
      add(...values) {
        for (const value of values) gathered[at++] = value;
        if (at < gathered.length) return;
        many.run(gathered);
        at = 0;
      },
      flush() {
        for (let i = 0; i < at; i += columns) one.run(gathered.slice(i, i + columns));
        at = 0;
      },
    };
  };
}
