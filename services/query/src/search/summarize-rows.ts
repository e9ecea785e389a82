import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { columnSql } from '../database/identifiers.ts';
import type { GenerationId } from '../database/snapshot-reader.ts';
import { addRow, noRows } from '../statistics/companion-counts.ts';
import { createHistogramCounter } from '../statistics/histogram-counter.ts';
import type { HistogramSubject } from '../statistics/histogram-subject.ts';
import { measuresOf } from '../statistics/measure.ts';
import { createAccumulator } from '../statistics/row-accumulator.ts';
import type { Summary } from '../statistics/summary.ts';
import type { AccessPath } from './access-path.ts';
import type { RowSource } from './row-sql.ts';
import { readRows } from './rows.ts';
import { keyOrder } from './sort-order.ts';
import { binsOf } from './value-domain.ts';

/** Which rows are summarized, and how. */
export interface SummaryQuery {
  at: GenerationId;
  /** Chosen for the filter. */
  accessPath: AccessPath;
  /** Whether to summarize the statistics of the definition; otherwise rows are only counted. */
  hasMeasures: boolean;
  histogram: HistogramSubject | undefined;
  /** The request's clock, ms since 1970 UTC. */
  now: number;
}

/**
 * Summarizes the matching rows one by one. The only item is the result.
 *
 * @throws ApiError generation_gone
 */
export async function* summarizeRows(
  source: RowSource,
  { at, accessPath, hasMeasures, histogram, now }: SummaryQuery,
): AsyncGenerator<Summary> {
  const { definition, scanLimits } = source;
  const measures = hasMeasures ? measuresOf(definition) : [];
  const accumulators = measures.map((measure) => createAccumulator(measure, now));
  const counts = noRows(definition.companions.length);
  const counter =
    histogram &&
    createHistogramCounter(histogram, {
      companions: definition.companions.length,
      bins: histogram.kind === 'measure' ? binsOf(source, at, histogram.measure) : undefined,
      now,
    });
  const names = [...measures.map(({ field }) => field.name), ...(histogram ? [columnOf(histogram)] : [])];
  const columns = [companionBits(definition), ...names.map(columnSql)].join();
  const selection = { at, accessPath, order: keyOrder(definition), columns, from: undefined };
  const size = { rowsPerRead: () => scanLimits.rowsPerRead, maxSortedRows: Number.POSITIVE_INFINITY };
  for await (const rows of readRows<[bits: number, ...values: Value[]]>(source, selection, size)) {
    for (const row of rows) {
      const bits = row[FIRST_COLUMN] as number;
      addRow(counts, bits);
      for (let i = 0; i < accumulators.length; i++) accumulators[i]?.add(row[FIRST_COLUMN + 1 + i] ?? null);
      counter?.add(row.at(-1) ?? null, bits);
    }
  }
  yield {
    count: counts.rows,
    companions: counts.companions,
    measures: accumulators.map(({ summary }) => summary()),
    histogram: counter?.entries(),
  };
}

/** The selected columns come after the order's value and the key. */
const FIRST_COLUMN = 2;

const columnOf = (subject: HistogramSubject): string =>
  subject.kind === 'measure' ? subject.measure.field.name : subject.name;

/** The companions of a row that exist, as an SQL expression: bit i for the i-th companion. A missing one is an empty path. */
const companionBits = ({ companions }: Definition): string =>
  companions.map(({ column }, i) => `((${columnSql(column)} > '') << ${i})`).join(' | ') || '0';
