import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import type { StateFile } from '@landfall/state-file/state-file';
import {
  CHANGES_TABLE,
  columnSql,
  GENERATIONS_TABLE,
  REJECTS_TABLE,
  ROLLUP_TABLE,
  ROWS_TABLE,
  STILL_VALID,
  VALID_FROM,
  VALID_UNTIL,
} from '../database/identifiers.ts';

/** Changed rows whose old versions are deleted in one transaction. It takes about 20 ms, for which a load may have to wait. */
const ROWS_PER_STEP = 2_000;
/** Old versions of rejects that are deleted in one transaction. */
const REJECTS_PER_STEP = 5_000;

/** SQLite uses the index only when the index's own condition is repeated literally. */
const DELETE_REJECTS = `
  DELETE FROM ${REJECTS_TABLE} WHERE (key, ${VALID_FROM}) IN (
    SELECT key, ${VALID_FROM} FROM ${REJECTS_TABLE} INDEXED BY "__ended_rejects"
    WHERE ${VALID_UNTIL} < ${STILL_VALID} AND ${VALID_UNTIL} <= ? LIMIT ?)`;

/**
 * Deletes the generations before `oldest`, and one step of the versions that no other generation has.
 *
 * @returns whether versions are left: the caller then calls it again
 */
export function pruneVersions(db: StateFile, definition: Definition, oldest: number): boolean {
  return db.transaction(() => {
    db.prepare<[number]>(`DELETE FROM ${GENERATIONS_TABLE} WHERE generation < ?`).run(oldest);
    const haveRowsLeft = pruneRows(db, definition, oldest);
    if (!haveRowsLeft) {
      db.prepare<[number]>(`DELETE FROM ${ROLLUP_TABLE} WHERE ${VALID_UNTIL} <= ?`).run(oldest);
    }
    const { changes: rejects } = db.prepare<[number, number]>(DELETE_REJECTS).run(oldest, REJECTS_PER_STEP);
    return haveRowsLeft || rejects === REJECTS_PER_STEP;
  })();
}

/** Deletes one step of the old versions of changed rows, and the records of these changes. */
function pruneRows(db: StateFile, definition: Definition, oldest: number): boolean {
  const lastOfStep = db
    .prepare<[number, number], { generation: number; id: string }>(
      `SELECT generation, id FROM ${CHANGES_TABLE} WHERE generation <= ?
       ORDER BY generation, id LIMIT 1 OFFSET ?`,
    )
    .get(oldest, ROWS_PER_STEP - 1);
  const values = [oldest, lastOfStep?.generation ?? oldest, lastOfStep?.id ?? AFTER_ALL_TEXT];
  const step = 'generation <= ? AND (generation, id) <= (?, ?)';
  db.prepare(
    `DELETE FROM ${ROWS_TABLE} WHERE ${VALID_UNTIL} <= ? AND
     ${columnSql(keyColumn(definition))} IN (SELECT id FROM ${CHANGES_TABLE} WHERE ${step})`,
  ).run(oldest, ...values);
  db.prepare(`DELETE FROM ${CHANGES_TABLE} WHERE ${step}`).run(...values);
  return lastOfStep !== undefined;
}

/** In SQLite every text is less than any blob. */
const AFTER_ALL_TEXT = Buffer.alloc(0);
