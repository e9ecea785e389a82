import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Row } from '@landfall/contracts/dataset/row';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import {
  CHANGES_TABLE,
  columnSql,
  QUOTED_CSV,
  ROWS_TABLE,
  STILL_VALID,
  VALID_FROM,
  VALID_UNTIL,
} from '../database/identifiers.ts';
import { valueColumns } from '../database/schema.ts';
import { createRollupDifferences } from './rollup-differences.ts';
import { generateInsertRow, rowSelectList } from './row-values.ts';

/** Rows per read. */
const PAGE_ROWS = 2_000;

/**
 * Reads the newest generation's rows in byte order of their ids. Rows before the one that was read last may be written
 * meanwhile.
 *
 * @returns a function that returns the next row, undefined at the end
 */
export function openCurrentRows(db: StateFile, definition: Definition): () => Row | undefined {
  const key = keyColumn(definition);
  const after = db.prepare<[string, number, number], Row>(
    `SELECT ${rowSelectList(definition)} FROM ${ROWS_TABLE}
     WHERE ${columnSql(key)} > ? AND ${VALID_UNTIL} = ? ORDER BY ${columnSql(key)} LIMIT ?`,
  );
  let page: Row[] = [];
  let next = 0;
  let isLastPage = false;
  return () => {
    if (next === page.length) {
      if (isLastPage) return undefined;
      page = after.all(String(page.at(-1)?.[key] ?? ''), STILL_VALID, PAGE_ROWS);
      isLastPage = page.length < PAGE_ROWS;
      next = 0;
    }
    return page[next++];
  };
}

/** Returns a function that reads a row of the newest generation by its id. */
export function openRowLookup(db: StateFile, definition: Definition): (id: string) => Row | undefined {
  const row = db.prepare<[string, number], Row>(
    `SELECT ${rowSelectList(definition)} FROM ${ROWS_TABLE}
     WHERE ${columnSql(keyColumn(definition))} = ? AND ${VALID_UNTIL} = ?`,
  );
  return (id) => row.get(id, STILL_VALID);
}

/** The generation that is written. */
export interface WrittenGeneration {
  generation: number;
  /** Whether no generation is loaded before it. Its changes are not recorded then: no earlier generation can be requested. */
  isFirst: boolean;
  /** Rows of the generation before; 0 when there is none. */
  rowsBefore: number;
  /** The most cells of a rollup. */
  maxRollupCells: number;
}

/** Writes what a generation changes: ends the versions before, inserts the new ones, updates the rollup. */
export function openVersionWriter(
  db: StateFile,
  definition: Definition,
  { generation, isFirst, rowsBefore, maxRollupCells }: WrittenGeneration,
) {
  const key = keyColumn(definition);
  const { quotedLine } = rowCodec(definition);
  const insertRow = generateInsertRow(definition);
  const columns = [key, ...valueColumns(definition)].length + [VALID_FROM, VALID_UNTIL, QUOTED_CSV].length;
  const versions = bulkInsert(db, `INSERT INTO ${ROWS_TABLE}`, columns)();
  const changes = bulkInsert(db, `INSERT INTO ${CHANGES_TABLE}`, 2)();
  const end = db.prepare<[number, string, number]>(
    `UPDATE ${ROWS_TABLE} SET ${VALID_UNTIL} = ? WHERE ${columnSql(key)} = ? AND ${VALID_UNTIL} = ?`,
  );
  const rollup = createRollupDifferences(db, definition, {
    generation,
    rowsBefore,
    maxCells: maxRollupCells,
  });

  return {
    /** Writes an added row (no `before`), a removed row (no `after`), or an updated row. */
    write(before: Row | undefined, after: Row | undefined): void {
      if (before) {
        end.run(generation, String(before[key]), STILL_VALID);
        rollup.add(before, -1);
      }
      if (after) {
        insertRow(versions.add, after, generation, quotedLine(after));
        rollup.add(after, 1);
      }
      const id = (after ?? before)?.[key];
      if (!isFirst && id !== undefined) changes.add(generation, id);
    },

    /** Writes what is buffered. Before this call, the writes may be incomplete. */
    flush(): void {
      versions.flush();
      changes.flush();
      rollup.flush();
    },
  };
}
