import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { countedField } from '../database/schema.ts';
import { LIMIT_PARAMETER } from '../database/snapshot-reader.ts';
import type { Filter } from '../filter/filter.ts';
import { type Predicate, predicateSql, predicatesOf } from '../filter/predicates.ts';
import { countMatching, type DayCounts } from '../statistics/day-counts.ts';
import { dayFilterOf, isDayFilter } from '../statistics/day-filter.ts';
import { indexedBy, type RowSource } from './row-sql.ts';

/** How the rows that match a filter are found. */
export type AccessPath =
  /** The index of one predicate finds about this many rows. The other predicates are tested. */
  | { kind: 'index-lookup'; by: Predicate; rows: number; others: Predicate[] }
  /** Rows are read in the order of the result and tested. About one in `rowsPerMatch` matches. */
  | { kind: 'ordered-scan'; predicates: Predicate[]; rowsPerMatch: number };

/**
 * Chooses an access path by the number of rows that each predicate selects, which SQLite's planner does not know. Many rows are
 * scanned in the order of the result: the first rows come soon, and every page costs the same. Few rows are found by an index
 * and sorted.
 *
 * @param counts reads the day counts of the generation
 */
export function chooseAccessPath(
  source: RowSource,
  at: Manifest,
  counts: () => DayCounts,
  filter: Filter,
): AccessPath {
  const { definition, scanLimits } = source;
  const predicates = predicatesOf(definition, filter);
  const counted = predicates
    .map((predicate) => ({ predicate, rows: countRows(source, counts, filter, predicate) }))
    .sort((a, b) => a.rows - b.rows);
  const [fewest] = counted;
  if (!fewest) return { kind: 'ordered-scan', predicates, rowsPerMatch: 1 };
  if (fewest.rows <= scanLimits.indexLookupMaxRows) {
    const others = counted.slice(1).map(({ predicate }) => predicate);
    return { kind: 'index-lookup', by: fewest.predicate, rows: fewest.rows, others };
  }
  // Day counts combine the counted field and companions; other columns are counted one by one.
  const byDay = countMatching(counts(), dayFilterOf(definition, filter));
  const rows = Math.min(fewest.rows, Math.max(1, byDay));
  return { kind: 'ordered-scan', predicates, rowsPerMatch: Math.max(1, at.rows / rows) };
}

/**
 * How many rows a predicate selects. Rows in an index are counted up to one more than `indexLookupMaxRows`. That is quick because
 * all terms of a predicate select one range of its index, or a few; for any other term, SQLite would read the whole index.
 */
function countRows(source: RowSource, counts: () => DayCounts, filter: Filter, predicate: Predicate): number {
  const { reader, definition, scanLimits } = source;
  if (predicate.column === keyColumn(definition)) return filter.ids?.length ?? 0;
  const alone = filterOfDayCounts(definition, filter, predicate.column);
  if (alone) return countMatching(counts(), dayFilterOf(definition, alone));
  const { sql, values } = predicateSql([predicate], 'index');
  const [[rows] = [0]] = reader.rows<[number]>(
    `SELECT count(*) FROM (SELECT 1 FROM ${indexedBy(definition, predicate.column)} WHERE ${sql} LIMIT ${LIMIT_PARAMETER})`,
    ...values,
    scanLimits.indexLookupMaxRows + 1,
  );
  return rows;
}

/** A filter with the restrictions of this column alone, when day counts can evaluate it; otherwise undefined. */
function filterOfDayCounts(definition: Definition, filter: Filter, column: string): Filter | undefined {
  const none = { ids: undefined, fields: new Map(), companions: new Map(), dependsOnDay: false };
  if (column === countedField(definition)?.name) {
    const alone = { ...none, fields: new Map([[column, filter.fields.get(column) ?? []]]) };
    return isDayFilter(definition, alone) ? alone : undefined;
  }
  const companion = definition.companions.find((each) => each.column === column)?.name;
  const exists = companion === undefined ? undefined : filter.companions.get(companion);
  if (companion === undefined || exists === undefined) return undefined;
  return { ...none, companions: new Map([[companion, exists]]) };
}
