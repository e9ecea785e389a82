import { utcDay } from '@landfall/contracts/dataset/age';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Row } from '@landfall/contracts/dataset/row';
import { instantOf } from '@landfall/contracts/values/time';
import type { StateFile } from '@landfall/state-file/state-file';
import { DAY_COUNTS_TABLE, STILL_VALID, VALID_UNTIL } from '../database/identifiers.ts';
import { countedField } from '../database/schema.ts';
import { companionMask } from './row-values.ts';

/** Collects by how much a generation changes the counts of rows per day and companion mask, and writes the counts that change. */
export function createDayCountDifferences(db: StateFile, definition: Definition, generation: number) {
  const field = countedField(definition);
  const maskOf = companionMask(definition);
  /** Differences by mask, then by day. */
  const differences = new Map<number, Map<number, number>>();

  return {
    add(row: Row, difference: 1 | -1): void {
      const mask = maskOf(row);
      const day = field === undefined ? 0 : utcDay(instantOf(field, row[field.name] ?? null));
      let days = differences.get(mask);
      if (!days) {
        days = new Map();
        differences.set(mask, days);
      }
      days.set(day, (days.get(day) ?? 0) + difference);
    },

    flush(): void {
      const write = openCountWriter(db, generation);
      for (const [mask, days] of differences) {
        for (const [day, difference] of days) if (difference !== 0) write(day, mask, difference);
      }
    },
  };
}

/** Writes a new version of a count. A count of 0 has no version. */
function openCountWriter(db: StateFile, generation: number) {
  const count = db
    .prepare<[number, number, number], number>(
      `SELECT count FROM ${DAY_COUNTS_TABLE} WHERE day = ? AND companions = ? AND ${VALID_UNTIL} = ?`,
    )
    .pluck();
  const end = db.prepare<[number, number, number, number]>(
    `UPDATE ${DAY_COUNTS_TABLE} SET ${VALID_UNTIL} = ? WHERE day = ? AND companions = ? AND ${VALID_UNTIL} = ?`,
  );
  const insert = db.prepare<[number, number, number, number, number]>(
    `INSERT INTO ${DAY_COUNTS_TABLE} VALUES (?, ?, ?, ?, ?)`,
  );
  return (day: number, mask: number, difference: number): void => {
    const before = count.get(day, mask, STILL_VALID);
    if (before !== undefined) end.run(generation, day, mask, STILL_VALID);
    const after = (before ?? 0) + difference;
    if (after > 0) insert.run(day, mask, generation, STILL_VALID, after);
  };
}
