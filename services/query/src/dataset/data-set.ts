import { keyColumn } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { columnSql, ROWS_TABLE } from '../database/identifiers.ts';
import type { GenerationId } from '../database/snapshot-reader.ts';
import { validAt } from '../database/visibility.ts';
import type { Filter } from '../filter/filter.ts';
import { chooseAccessPath } from '../search/access-path.ts';
import type { RowQuery } from '../search/rows.ts';
import { rowSerializers } from '../serialize/row-serializer.ts';
import type { RowChunk, SerializedChunk } from '../serialize/serialized-chunk.ts';
import type { TextFormat } from '../serialize/text-format.ts';
import type { DayCounts } from '../statistics/day-counts.ts';
import { isDayFilter } from '../statistics/day-filter.ts';
import { readDayCounts } from '../statistics/read-day-counts.ts';
import { createDayCountsCache } from './day-counts-cache.ts';
import { createGenerations } from './generations.ts';
import { openServedDatabase, type ServedDatabaseOptions } from './served-database.ts';

export type DataSet = ReturnType<typeof openDataSet>;

/** Opens the served data set. It is read at any loaded generation, and reads never wait for the loader. */
export function openDataSet(options: ServedDatabaseOptions) {
  const database = openServedDatabase(options);
  const { definition, scanLimits } = database;
  const generations = createGenerations(database.readManifests);
  const countsCache = createDayCountsCache((at) => {
    const reader = database.reader();
    return reader.at(at, () => readDayCounts(reader.rows, at));
  });
  const rowSql = `SELECT ${rowSerializers(definition).json} FROM ${ROWS_TABLE} WHERE ${columnSql(keyColumn(definition))} = ?`;

  const accessPathFor = (at: Manifest, filter: Filter) =>
    chooseAccessPath(
      { reader: database.reader(), definition, scanLimits },
      at,
      () => countsCache.get(at),
      filter,
    );

  return {
    generations,

    /** Caches day counts that the loader has read; without them the first request that needs them reads them. */
    cacheDayCounts: countsCache.put,

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
     * Counts the rows that match, by day and companion mask: from the day counts where the filter allows it, otherwise row by
     * row.
     *
     * @param signal returns a signal that stops the read. It is called only for a read: a signal costs a tenth of a small answer
     * @throws ApiError generation_gone; StoppedError
     */
    async dayCounts(at: Manifest, filter: Filter, signal?: () => AbortSignal): Promise<DayCounts> {
      if (isDayFilter(definition, filter)) return countsCache.get(at);
      const query = { at: idOf(at), accessPath: accessPathFor(at, filter) };
      for await (const counts of database.reads().read({ kind: 'day-counts', query }, signal?.()))
        return counts;
      throw new Error('a count ended without a result');
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

    /** Stops serving a damaged file, until `reopen`: there is no data set. */
    suspend(): void {
      database.suspend();
      generations.refresh();
    },

    /** Closes the file, so that it can be replaced. Until `reopen`, every read fails with ApiError no_data_set. */
    async detach(): Promise<void> {
      database.suspend();
      generations.refresh();
      countsCache.clear();
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
