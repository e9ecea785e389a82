import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { LIMIT_PARAMETER } from '../database/snapshot-reader.ts';
import type { Filter } from '../filter/filter.ts';
import { type Predicate, predicateSql, predicatesOf } from '../filter/predicates.ts';
import type { Rollup } from '../statistics/rollup/rollup.ts';
import { isRollupFilter, rollupFilterOf } from '../statistics/rollup/rollup-filter.ts';
import { countMatching } from '../statistics/rollup/selection.ts';
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
 * @param rollup reads the rollup of the generation; undefined when it has none
 */
export function chooseAccessPath(
  source: RowSource,
  at: Manifest,
  rollup: () => Rollup | undefined,
  filter: Filter,
): AccessPath {
  const { definition, scanLimits } = source;
  const predicates = predicatesOf(definition, filter);
  const counted = predicates
    .map((predicate) => ({ predicate, rows: countRows(source, rollup, filter, predicate) }))
    .sort((a, b) => a.rows - b.rows);
  const [fewest] = counted;
  if (!fewest) return { kind: 'ordered-scan', predicates, rowsPerMatch: 1 };
  if (fewest.rows <= scanLimits.indexLookupMaxRows) {
    const others = counted.slice(1).map(({ predicate }) => predicate);
    return { kind: 'index-lookup', by: fewest.predicate, rows: fewest.rows, others };
  }
  // The rollup combines the counted field and the groups; other columns are counted one by one.
  const counts = rollup();
  const together = counts ? countMatching(counts, rollupFilterOf(definition, filter)) : fewest.rows;
  const rows = Math.min(fewest.rows, Math.max(1, together));
  return { kind: 'ordered-scan', predicates, rowsPerMatch: Math.max(1, at.rows / rows) };
}

/**
 * How many rows a predicate selects. Rows in an index are counted up to one more than `indexLookupMaxRows`. That is quick because
 * all terms of a predicate select one range of its index, or a few; for any other term, SQLite would read the whole index.
 */
function countRows(
  source: RowSource,
  rollup: () => Rollup | undefined,
  filter: Filter,
  predicate: Predicate,
): number {
  const { reader, definition, scanLimits } = source;
  if (predicate.column === keyColumn(definition)) return filter.ids?.length ?? 0;
  const alone = filterOf(definition, filter, predicate.column);
  const counts = isRollupFilter(definition, alone) ? rollup() : undefined;
  if (counts) return countMatching(counts, rollupFilterOf(definition, alone));
  const { sql, values } = predicateSql([predicate], 'index');
  const [[rows] = [0]] = reader.rows<[number]>(
    `SELECT count(*) FROM (SELECT 1 FROM ${indexedBy(definition, predicate.column)} WHERE ${sql} LIMIT ${LIMIT_PARAMETER})`,
    ...values,
    scanLimits.indexLookupMaxRows + 1,
  );
  return rows;
}

/** A filter with the restrictions of one column alone, which is not the key. */
function filterOf(
  { companions }: Definition,
  { fields, companions: wanted }: Filter,
  column: string,
): Filter {
  const none = { ids: undefined, fields: new Map(), companions: new Map(), dependsOnDay: false };
  const companion = companions.find((each) => each.column === column)?.name;
  return companion === undefined
    ? { ...none, fields: new Map([[column, fields.get(column) ?? []]]) }
    : { ...none, companions: new Map([[companion, wanted.get(companion) ?? false]]) };
}
