import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Row } from '@landfall/contracts/dataset/row';
import type { StateFile } from '@landfall/state-file/state-file';
import { ROLLUP_TABLE, STILL_VALID, VALID_FROM, VALID_UNTIL } from '../database/identifiers.ts';
import { countedMeasure, countedValue } from '../statistics/measure.ts';
import { groupOf } from '../statistics/rollup/dimensions.ts';

/**
 * The most cells of a rollup. A generation that would have more has none, because reading it would take longer than many requests
 * for statistics.
 */
export const MAX_ROLLUP_CELLS = 100_000;

interface DifferencesOptions {
  generation: number;
  /** Rows of the generation before. */
  rowsBefore: number;
  maxCells: number;
}

/** Collects by how much a generation changes the cells of the rollup, and writes the cells that change. */
export function createRollupDifferences(
  db: StateFile,
  definition: Definition,
  { generation, rowsBefore, maxCells }: DifferencesOptions,
) {
  const measure = countedMeasure(definition);
  const groupOfRow = groupOf(definition);
  /** Differences by group, then by counted value. undefined when there is no rollup. */
  let differences: Map<number, Map<number, number>> | undefined =
    rowsBefore === 0 || hasCells(db) ? new Map() : undefined;
  let cells = 0;
  // Each of these cells has rows now, or is one of at most `maxCells` that were in the rollup before.
  const maxDifferences = rowsBefore === 0 ? maxCells : 2 * maxCells;

  return {
    /** Whether the generation has no rollup, whatever is added. */
    isOver: (): boolean => differences === undefined,

    add(row: Row, difference: 1 | -1): void {
      if (!differences) return;
      const group = groupOfRow(row);
      const value = measure === undefined ? 0 : countedValue(measure, row[measure.field.name] ?? null);
      let values = differences.get(group);
      if (!values) {
        values = new Map();
        differences.set(group, values);
      }
      const before = values.get(value);
      values.set(value, (before ?? 0) + difference);
      if (before !== undefined) return;
      cells++;
      if (cells > maxDifferences) differences = undefined;
    },

    flush(): void {
      if (differences) {
        const write = openCellWriter(db, generation);
        for (const [group, values] of differences) {
          for (const [value, difference] of values) if (difference !== 0) write(value, group, difference);
        }
      }
      if (!differences || countCells(db) > maxCells) endCells(db, generation);
    },
  };
}

/** Whether the newest generation has a rollup with rows. */
export const hasCells = (db: StateFile): boolean =>
  db
    .prepare<[number], number>(`SELECT 1 FROM ${ROLLUP_TABLE} WHERE ${VALID_UNTIL} = ? LIMIT 1`)
    .get(STILL_VALID) !== undefined;

const countCells = (db: StateFile): number =>
  db
    .prepare<[number], number>(`SELECT count(*) FROM ${ROLLUP_TABLE} WHERE ${VALID_UNTIL} = ?`)
    .pluck()
    .get(STILL_VALID) ?? 0;

/** Ends all cells: the generation has no rollup. */
function endCells(db: StateFile, generation: number): void {
  db.prepare<[number]>(`DELETE FROM ${ROLLUP_TABLE} WHERE ${VALID_FROM} = ?`).run(generation);
  db.prepare<[number, number]>(`UPDATE ${ROLLUP_TABLE} SET ${VALID_UNTIL} = ? WHERE ${VALID_UNTIL} = ?`).run(
    generation,
    STILL_VALID,
  );
}

/** Writes a new version of a cell. A cell without rows has no version. */
function openCellWriter(db: StateFile, generation: number) {
  const count = db
    .prepare<[number, number, number], number>(
      `SELECT count FROM ${ROLLUP_TABLE} WHERE value = ? AND "group" = ? AND ${VALID_UNTIL} = ?`,
    )
    .pluck();
  const end = db.prepare<[number, number, number, number]>(
    `UPDATE ${ROLLUP_TABLE} SET ${VALID_UNTIL} = ? WHERE value = ? AND "group" = ? AND ${VALID_UNTIL} = ?`,
  );
  const insert = db.prepare<[number, number, number, number, number]>(
    `INSERT INTO ${ROLLUP_TABLE} VALUES (?, ?, ?, ?, ?)`,
  );
  return (value: number, group: number, difference: number): void => {
    const before = count.get(value, group, STILL_VALID);
    if (before !== undefined) end.run(generation, value, group, STILL_VALID);
    const after = (before ?? 0) + difference;
    if (after > 0) insert.run(value, group, generation, STILL_VALID, after);
  };
}
