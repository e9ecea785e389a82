import { keyColumn } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { columnSql, REJECTS_TABLE, ROWS_TABLE } from '../database/identifiers.ts';
import type { GenerationId } from '../database/snapshot-reader.ts';
import { validAt } from '../database/visibility.ts';
import type { Filter } from '../filter/filter.ts';
import { chooseAccessPath } from '../search/access-path.ts';
import type { RowQuery } from '../search/rows.ts';
import type { SummaryQuery } from '../search/summarize-rows.ts';
import { rowSerializers } from '../serialize/row-serializer.ts';
import type { RowChunk, SerializedChunk } from '../serialize/serialized-chunk.ts';
import type { TextFormat } from '../serialize/text-format.ts';
import type { HistogramSubject } from '../statistics/histogram-subject.ts';
import { readRollup } from '../statistics/rollup/read-rollup.ts';
import { isRollupFilter, rollupFilterOf } from '../statistics/rollup/rollup-filter.ts';
import { countMatching } from '../statistics/rollup/selection.ts';
import { canSummarizeRollup, summarizeRollup } from '../statistics/rollup/summarize-rollup.ts';
import type { Summary } from '../statistics/summary.ts';
import { createGenerations } from './generations.ts';
import { createRollupCache } from './rollup-cache.ts';
import { openServedDatabase, type ServedDatabaseOptions } from './served-database.ts';

const REASONS_SQL = `SELECT reason, COUNT(*) FROM ${REJECTS_TABLE}`;

export type DataSet = ReturnType<typeof openDataSet>;

/** Opens the served data set. It is read at any loaded generation, and reads never wait for the loader. */
export function openDataSet(options: ServedDatabaseOptions) {
  const database = openServedDatabase(options);
  const { definition, scanLimits } = database;
  const generations = createGenerations(database.readManifests);
  const rollups = createRollupCache((at) => {
    const reader = database.reader();
    return reader.at(at, () => readRollup(reader.rows, at));
  });
  const rowSql = `SELECT ${rowSerializers(definition).json} FROM ${ROWS_TABLE} WHERE ${columnSql(keyColumn(definition))} = ?`;

  const accessPathFor = (at: Manifest, filter: Filter) =>
    chooseAccessPath(
      { reader: database.reader(), definition, scanLimits },
      at,
      () => rollups.get(at),
      filter,
    );

  async function readSummary(
    at: Manifest,
    filter: Filter,
    wanted: Pick<SummaryQuery, 'hasMeasures' | 'histogram' | 'now'>,
    signal: (() => AbortSignal) | undefined,
  ): Promise<Summary> {
    const query = { at: idOf(at), accessPath: accessPathFor(at, filter), ...wanted };
    for await (const summary of database.reads().read({ kind: 'summary', query }, signal?.())) return summary;
    throw new Error('a summary ended without a result');
  }

  return {
    generations,

    /** Of the open file; another one after `reopen`. */
    fileIdentity: database.fileIdentity,

    /** Caches a rollup that the loader has read; without it the first request that needs it reads it. */
    cacheRollup: rollups.put,

    /**
     * Reads one row as JSON.
     *
     * @throws ApiError generation_gone
     */
    row(at: Manifest, id: string): string | undefined {
      const { sql, values } = validAt(at);
      const reader = database.reader();
      const [row] = reader.at(at, () => reader.rows<[string]>(`${rowSql} AND ${sql}`, id, ...values));
      return row?.[0];
    },

    /**
     * Reads the rows that match, in order, as text.
     *
     * @param limit rows; Infinity for all
     * @param signal stops the read
     * @throws ApiError generation_gone; bad_parameter when there is no row `from`; StoppedError
     */
    rows(
      at: Manifest,
      { filter, order, from }: RowQuery,
      format: TextFormat,
      limit: number,
      signal?: AbortSignal,
    ): AsyncGenerator<RowChunk> {
      const accessPath = accessPathFor(at, filter);
      const query = { at: idOf(at), accessPath, order, from, format, limit };
      return database.reads().read({ kind: 'rows', query }, signal);
    },

    /**
     * Counts the rows that match: from the rollup where it can, otherwise row by row.
     *
     * @param signal returns a signal that stops the read. It is called only for a read: a signal costs a tenth of a small answer
     * @throws ApiError generation_gone; StoppedError
     */
    async count(at: Manifest, filter: Filter, signal?: () => AbortSignal): Promise<number> {
      const rollup = isRollupFilter(definition, filter) ? rollups.get(at) : undefined;
      if (rollup) return countMatching(rollup, rollupFilterOf(definition, filter));
      const wanted = { hasMeasures: false, histogram: undefined, now: 0 };
      return (await readSummary(at, filter, wanted, signal)).count;
    },

    /**
     * Summarizes the rows that match: from the rollup where it can, otherwise row by row.
     *
     * @param histogram what the histogram counts by; undefined for none
     * @param now the request's clock, ms since 1970 UTC
     * @param signal as for `count`
     * @throws ApiError generation_gone; StoppedError
     */
    async summary(
      at: Manifest,
      filter: Filter,
      histogram: HistogramSubject | undefined,
      now: number,
      signal?: () => AbortSignal,
    ): Promise<Summary> {
      const rollup = canSummarizeRollup(definition, filter, histogram) ? rollups.get(at) : undefined;
      if (rollup) return summarizeRollup(definition, rollup, filter, histogram, now);
      return await readSummary(at, filter, { hasMeasures: true, histogram, now }, signal);
    },

    /**
     * Reads the rejects of a generation by ascending key, as text.
     *
     * @param limit rejects; Infinity for all
     * @param signal stops the read
     * @throws ApiError generation_gone; StoppedError
     */
    rejects: (
      at: Manifest,
      format: TextFormat,
      limit: number,
      signal?: AbortSignal,
    ): AsyncGenerator<SerializedChunk> =>
      database.reads().read({ kind: 'rejects', query: { at: idOf(at), format, limit } }, signal),

    /**
     * Reads the rows that differ between two generations, as text; see `readSerializedChanges`.
     *
     * @param signal stops the read
     * @throws ApiError generation_gone; StoppedError
     */
    changes: (
      since: Manifest,
      at: Manifest,
      format: TextFormat,
      signal?: AbortSignal,
    ): AsyncGenerator<SerializedChunk> =>
      database.reads().read({ kind: 'changes', query: { since: idOf(since), at: idOf(at), format } }, signal),

    /**
     * Counts the rejects of a generation by reason. It reads all of them, on the main thread: 50 ms for 100,000.
     *
     * @throws ApiError generation_gone
     */
    rejectReasons(at: Manifest): [reason: string, count: number][] {
      const { sql, values } = validAt(at);
      const reader = database.reader();
      return reader.at(at, () =>
        reader.rows<[string, number]>(`${REASONS_SQL} WHERE ${sql} GROUP BY reason`, ...values),
      );
    },

    /** Stops serving a damaged file, until `reopen`: there is no data set. */
    suspend(): void {
      database.suspend();
      generations.refresh();
    },

    /** Closes the file, so that it can be replaced. Until `reopen`, every read fails with ApiError no_data_set. */
    async detach(): Promise<void> {
      database.suspend();
      generations.refresh();
      rollups.clear();
      await database.close();
    },

    /** Opens the file after `detach`, or creates one. */
    reopen(): void {
      database.reopen();
      generations.refresh();
    },

    close: database.close,
  };
}

/** The part of a manifest that reads need: less to send to the read thread. */
const idOf = ({ generation, version }: Manifest): GenerationId => ({ generation, version });
