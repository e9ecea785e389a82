import type { Definition } from '@landfall/contracts/dataset/definition';
import type { StateFile } from '@landfall/state-file/state-file';
import {
  CHANGES_TABLE,
  GENERATIONS_TABLE,
  ROLLUP_STATISTIC_TABLE,
  ROLLUP_TABLE,
} from '../database/identifiers.ts';
import { rollupStatistic } from '../database/schema.ts';
import { createRollupDifferences, MAX_ROLLUP_CELLS } from './rollup-differences.ts';
import { openCurrentRows } from './row-versions.ts';

/**
 * Makes the rollup again when the definition has another first statistic than when it was made: about two seconds for a million
 * rows. Older generations than the newest one have none then, and are summarized row by row.
 *
 * @throws Error of SQLite; the rollup is then unchanged
 */
export function rebuildRollup(db: StateFile, definition: Definition): void {
  const statistic = rollupStatistic(definition);
  const known = db.prepare<[], string>(`SELECT name FROM ${ROLLUP_STATISTIC_TABLE}`).pluck().get();
  if (known === statistic) return;
  db.transaction(() => {
    db.exec(`DELETE FROM ${ROLLUP_TABLE}`);
    const generation = db
      .prepare<[], number | null>(`SELECT max(generation) FROM ${GENERATIONS_TABLE}`)
      .pluck()
      .get();
    if (typeof generation === 'number') countRows(db, definition, generation, MAX_ROLLUP_CELLS);
    db.prepare<[string]>(`UPDATE ${ROLLUP_STATISTIC_TABLE} SET name = ?, changed_rows = 0`).run(statistic);
  })();
}

/** Rows that change before a rollup is made again, as a share of the most cells. */
const RETRY_SHARE = 0.1;

/**
 * Makes the rollup of a generation again when the one before had none: at once when each row may have a cell of its own, otherwise
 * after 10,000 changed rows, because each time all rows are counted. The count ends as soon as there are too many cells.
 *
 * @param newest the newest generation, and how many rows it has. Its changes are written.
 */
export function restoreRollup(
  db: StateFile,
  definition: Definition,
  { generation, rows }: { generation: number; rows: number },
  maxCells: number,
): void {
  const changed = changedRows(db, generation);
  const isTried = rows <= maxCells || changed >= maxCells * RETRY_SHARE;
  db.prepare<[number]>(`UPDATE ${ROLLUP_STATISTIC_TABLE} SET changed_rows = ?`).run(isTried ? 0 : changed);
  if (isTried) countRows(db, definition, generation, maxCells);
}

/** Rows that have changed since the rows were last counted, with those of the newest generation. */
const changedRows = (db: StateFile, generation: number): number =>
  db
    .prepare<[number], number>(
      `SELECT changed_rows + (SELECT count(*) FROM ${CHANGES_TABLE} WHERE generation = ?) FROM ${ROLLUP_STATISTIC_TABLE}`,
    )
    .pluck()
    .get(generation) ?? 0;

/** Counts all rows of the newest generation, which has no rollup. It has none afterwards when it would have too many cells. */
function countRows(db: StateFile, definition: Definition, generation: number, maxCells: number): void {
  const rollup = createRollupDifferences(db, definition, { generation, rowsBefore: 0, maxCells });
  const next = openCurrentRows(db, definition);
  for (let row = next(); row && !rollup.isOver(); row = next()) rollup.add(row, 1);
  rollup.flush();
}
