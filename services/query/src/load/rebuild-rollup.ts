import type { Definition } from '@landfall/contracts/dataset/definition';
import type { StateFile } from '@landfall/state-file/state-file';
import { GENERATIONS_TABLE, ROLLUP_STATISTIC_TABLE, ROLLUP_TABLE } from '../database/identifiers.ts';
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
    if (typeof generation === 'number') {
      const options = { generation, rowsBefore: 0, maxCells: MAX_ROLLUP_CELLS };
      const rollup = createRollupDifferences(db, definition, options);
      const next = openCurrentRows(db, definition);
      for (let row = next(); row; row = next()) rollup.add(row, 1);
      rollup.flush();
    }
    db.prepare<[string]>(`UPDATE ${ROLLUP_STATISTIC_TABLE} SET name = ?`).run(statistic);
  })();
}
