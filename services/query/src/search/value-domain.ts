import { columnSql } from '../database/identifiers.ts';
import type { GenerationId } from '../database/snapshot-reader.ts';
import { validAt } from '../database/visibility.ts';
import { type Bins, equalBins, MAX_DISTINCT } from '../statistics/histogram-bins.ts';
import type { Measure } from '../statistics/measure.ts';
import { indexedBy, type RowSource } from './row-sql.ts';

/**
 * The bins of a number in the rows of a generation, found by its index.
 *
 * @returns undefined when the number has at most `MAX_DISTINCT` distinct values, and for years
 */
export function binsOf(source: RowSource, at: GenerationId, measure: Measure): Bins | undefined {
  if (measure.kind === 'years') return undefined;
  const { reader, definition } = source;
  const column = columnSql(measure.field.name);
  const { sql, values } = validAt(at);
  const select = (which: string, direction: 'ASC' | 'DESC', bound: number): number | undefined => {
    const [row] = reader.at(at, () =>
      reader.rows<[number]>(
        `SELECT ${column} FROM ${indexedBy(definition, measure.field.name)}
         WHERE ${column} ${which} ? AND ${sql} ORDER BY ${column} ${direction} LIMIT 1`,
        bound,
        ...values,
      ),
    );
    return row?.[0];
  };
  const min = select('>', 'ASC', Number.NEGATIVE_INFINITY);
  const max = select('<', 'DESC', Number.POSITIVE_INFINITY);
  if (min === undefined || max === undefined) return undefined;
  let distinct = 1;
  for (let value: number | undefined = min; distinct <= MAX_DISTINCT; distinct++) {
    value = select('>', 'ASC', value);
    if (value === undefined) return undefined;
  }
  return equalBins(min, max);
}
