import { keyColumn } from '@landfall/contracts/dataset/definition';
import type { GenerationId } from '../database/snapshot-reader.ts';
import type { Clause } from '../database/visibility.ts';
import { keysetScan } from './keyset-scan.ts';
import {
  afterKey,
  keySql,
  type ReadBounds,
  type RowSource,
  type SelectedRow,
  upToKey,
  valueAtOffset,
} from './row-sql.ts';

/** A set of rows that is read by ascending key. */
export interface KeyScan<Columns extends unknown[]> {
  at: GenerationId;
  /** The column whose index SQLite uses, and the condition on that column. */
  by: string;
  within: Clause;
  /** Whether some rows are examined and left out. A step then needs an upper bound. */
  isTested: boolean;
  /** Rows examined in the first step. */
  window: number;
  /** Rows per step. It may change from step to step. */
  rowsPerRead: () => number;
  select: (bounds: ReadBounds) => SelectedRow<Columns>[];
}

/** The rows of one step, and the last key that it examined; undefined when no rows are left. */
interface KeyStep<Columns extends unknown[]> {
  rows: SelectedRow<Columns>[];
  last: SelectedRow<Columns>[1] | undefined;
}

/** Returns a function that reads the next step of the rows within a clause. The steps examine more and more rows. */
export function openKeySteps<Columns extends unknown[]>(
  source: RowSource,
  { at, by, within, isTested, window: first, rowsPerRead, select }: KeyScan<Columns>,
): (after: Clause) => KeyStep<Columns> {
  const { reader, definition, scanLimits } = source;
  const key = keyColumn(definition);
  const orderBy = keySql(definition);
  let window = first;
  return (after) => {
    const limit = rowsPerRead();
    const where = [within, after];
    const step = reader.at(at, () => {
      const bounds = { by, where, orderBy };
      const edge = isTested ? valueAtOffset(source, key, { ...bounds, limit: window }) : undefined;
      const upTo = edge === undefined ? [] : [upToKey(definition, edge)];
      return { rows: select({ ...bounds, where: [...where, ...upTo], limit }), edge };
    });
    window = Math.min(window * 2, scanLimits.window.max);
    const last = step.rows.length === limit ? step.rows.at(-1)?.[1] : step.edge;
    return { rows: step.rows, last: last === undefined ? undefined : String(last) };
  };
}

/** Reads rows by ascending key, in short steps. */
export function scanByKey<Columns extends unknown[]>(
  source: RowSource,
  scan: KeyScan<Columns>,
  start: Clause,
): AsyncGenerator<SelectedRow<Columns>[]> {
  const readStep = openKeySteps(source, scan);
  return keysetScan(start, (after) => {
    const { rows, last } = readStep(after);
    return {
      item: rows.length > 0 ? rows : undefined,
      next: last === undefined ? undefined : afterKey(source.definition, last),
    };
  });
}
