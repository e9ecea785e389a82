import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { indexSql, ROWS_TABLE } from '../database/identifiers.ts';
import { COUNT, type Reader } from '../database/snapshot-reader.ts';
import type { Filter } from '../filter/filter.ts';
import { type Condition, clauseOf, conditionsOf } from '../filter/predicates.ts';
import { type BirthDays, countMatching } from '../statistics/day-counts.ts';
import type { Pace } from './scan-limits.ts';

/** How the users who match a filter are found. */
export type Plan =
  /** `by` leads to so many users, the other conditions are tested. */
  | { way: 'few'; by: Condition; users: number; others: Condition[] }
  /** Users are walked through in the order of the answer and tested; about one in `tests` matches. */
  | { way: 'walk'; conditions: Condition[]; tests: number };

/**
 * Chooses by how many users each condition leaves, which SQLite's planner has no idea of: many in the order that is
 * asked for anyway, so that the first come soon and a page costs the same wherever it is; few by an index and a sort.
 */
export function planFor(
  reader: Reader,
  at: Manifest,
  born: () => BirthDays,
  filter: Filter,
  { few }: Pace,
): Plan {
  const conditions = conditionsOf(filter);
  const counted = conditions
    .map((condition) => ({ condition, users: countOf(reader, born, filter, condition, few) }))
    .sort((a, b) => a.users - b.users);
  const [fewest] = counted;
  if (fewest && fewest.users <= few) {
    const others = counted.slice(1).map(({ condition }) => condition);
    return { way: 'few', by: fewest.condition, users: fewest.users, others };
  }
  if (!fewest) return { way: 'walk', conditions, tests: 1 };
  // Those within the bounds of birth are counted with and without an image; of names it is known one by one.
  const users = Math.min(fewest.users, Math.max(1, countMatching(born(), filter)));
  return { way: 'walk', conditions, tests: Math.max(1, at.rows / users) };
}

/** How many users a condition leaves; where that takes counting, no more than one above `few`. */
function countOf(
  reader: Reader,
  born: () => BirthDays,
  filter: Filter,
  condition: Condition,
  few: number,
): number {
  const { column } = condition;
  if (column === 'user_id') return filter.userIds?.length ?? 0;
  if (column === 'birthts') return countMatching(born(), { ...filter, hasImage: undefined });
  if (column === 'img_path') {
    return countMatching(born(), { hasImage: filter.hasImage, bornFrom: undefined, bornBefore: undefined });
  }
  const { sql, values } = clauseOf([condition], 'index');
  const [[users] = [0]] = reader.rows<[number]>(
    `SELECT count(*) FROM (SELECT 1 FROM ${ROWS_TABLE} INDEXED BY ${indexSql(column)} WHERE ${sql} LIMIT ${COUNT})`,
    ...values,
    few + 1,
  );
  return users;
}
