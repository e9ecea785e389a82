import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { type Manifest, ManifestError, parseManifest } from '@landfall/contracts/dataset/manifest';
import type { User } from '@landfall/contracts/dataset/users';
import { openStateFile } from '@landfall/state-file/state-file';
import { columnSql, GENERATIONS_TABLE, ROWS_TABLE } from '../database/identifiers.ts';
import { databaseLayout } from '../database/schema.ts';
import { type At, openReader } from '../database/snapshot-reader.ts';
import { validAt } from '../database/visibility.ts';
import { ApiError } from '../errors/api-error.ts';
import type { OnDamage } from '../errors/database-damaged.ts';
import type { Filter } from '../filter/filter.ts';
import { openReadDispatch } from '../read-thread/dispatch.ts';
import { chooseAccessPath } from '../search/access-path.ts';
import type { RowQuery } from '../search/rows.ts';
import { SCAN_LIMITS } from '../search/scan-limits.ts';
import { rowSerializers } from '../serialize/row-serializer.ts';
import type { RowChunk, SerializedChunk } from '../serialize/serialized-chunk.ts';
import type { TextFormat } from '../serialize/text-format.ts';
import type { DayCounts } from '../statistics/day-counts.ts';
import { isDayFilter } from '../statistics/day-filter.ts';
import { readDayCounts } from '../statistics/read-day-counts.ts';
import { openGenerations } from './generations.ts';

export type DataSet = ReturnType<typeof openDataSet>;

/** The figures of so many generations are held, some 500 KB each at most. */
const MAX_FIGURES = 4;

/**
 * The served data set, for reading at any generation that is kept. Readers never wait for the loader.
 *
 * @param file a state file of the layout of `database-layout.ts`; made when it is not there
 * @param onDiscard called with the reason when an existing file is discarded
 * @param scanLimits how much one read may do
 * @param onDamage called when the file turns out to be damaged while it is read
 */
export function openDataSet(
  file: string,
  definition: Definition,
  onDiscard: (why: string) => void,
  scanLimits = SCAN_LIMITS,
  onDamage?: OnDamage,
) {
  let { reader, reading } = openFile();
  const figures = new Map<string, DayCounts>();
  let isSuspended = false;
  let latest: { at: Manifest; born: DayCounts } | undefined;

  function openFile() {
    openStateFile(file, databaseLayout(definition), onDiscard).close();
    const opened = openReader(file, onDamage);
    return {
      reader: opened,
      reading: openReadDispatch({ definition, databaseFile: file, reader: opened, scanLimits, onDamage }),
    };
  }

  async function closeFile(): Promise<void> {
    await reading.close();
    reader.close();
  }

  function readGenerations(): Manifest[] {
    const sql = `SELECT manifest FROM ${GENERATIONS_TABLE} ORDER BY generation DESC`;
    if (isSuspended) return [];
    try {
      const rows = reader.latest(() => reader.rows<[string]>(sql));
      const [newest, ...others] = rows.map(([manifest]) => parseManifest(Buffer.from(manifest)));
      if (!newest) return [];
      reading.setRowCount(newest.rows);
      return [newest, ...others];
    } catch (error) {
      if (error instanceof ManifestError) onDamage?.(error.message);
      else if (!(error instanceof ApiError && error.code === 'no_data_set')) throw error;
      return [];
    }
  }

  /** Of all users of a generation. */
  function bornAt(at: Manifest): DayCounts {
    if (latest?.at === at) return latest.born;
    const born = figures.get(idOf(at)) ?? reader.at(at, () => readDayCounts(reader.rows, at));
    holdFigures(at, born);
    latest = { at, born };
    return born;
  }

  function holdFigures(at: Manifest, born: DayCounts): void {
    figures.delete(idOf(at));
    figures.set(idOf(at), born);
    const [oldest] = figures.keys();
    if (figures.size > MAX_FIGURES && oldest !== undefined) figures.delete(oldest);
  }

  const accessPathOf = (at: Manifest, filter: Filter) =>
    chooseAccessPath({ reader, definition, scanLimits }, at, () => bornAt(at), filter);

  const generations = openGenerations(readGenerations);

  return {
    generations,

    /** Takes figures that have been read already, so that nobody waits for them; without, the first who asks does. */
    holdFigures,

    /** @throws ApiError generation_gone */
    user: (at: Manifest, userId: string): User | undefined => {
      const { sql, values } = validAt(at);
      const rows = reader.at(at, () =>
        reader.rows<[string]>(
          `SELECT ${rowSerializers(definition).json} FROM ${ROWS_TABLE} WHERE ${columnSql(keyColumn(definition))} = ? AND ${sql}`,
          userId,
          ...values,
        ),
      );
      return rows[0] && JSON.parse(rows[0][0]);
    },

    /**
     * The rejects of a generation by ascending key, some at a time, as they are written in an answer.
     *
     * @param limit at most, rows
     * @throws ApiError generation_gone
     */
    rejects: (
      at: Manifest,
      format: TextFormat,
      limit: number,
      signal?: AbortSignal,
    ): AsyncGenerator<SerializedChunk> =>
      reading.read({ kind: 'rejects', query: { at: atOf(at), format, limit } }, signal),

    /**
     * The users that match, some at a time, as they are written in an answer.
     *
     * @param limit so many at most
     * @param signal stops it
     * @throws ApiError generation_gone; bad_parameter when there is no user to begin behind; StoppedError
     */
    users(
      at: Manifest,
      query: RowQuery,
      format: TextFormat,
      limit: number,
      signal?: AbortSignal,
    ): AsyncGenerator<RowChunk> {
      const { filter, order, from } = query;
      const accessPath = accessPathOf(at, filter);
      return reading.read(
        { kind: 'rows', query: { at: atOf(at), accessPath, order, from, format, limit } },
        signal,
      );
    },

    /**
     * How many of the users that match were born when: for filters on image and birth from the figures by day,
     * for others from the users themselves.
     *
     * @param signal stops it
     * @throws ApiError generation_gone; StoppedError
     */
    async born(at: Manifest, filter: Filter, signal?: AbortSignal): Promise<DayCounts> {
      if (isDayFilter(definition, filter)) return bornAt(at);
      const query = { at: atOf(at), accessPath: accessPathOf(at, filter) };
      for await (const born of reading.read({ kind: 'day-counts', query }, signal)) return born;
      throw new Error('a count ended without a result');
    },

    /**
     * What is otherwise at one generation than at an earlier one; see `readSerializedChanges`.
     *
     * @param signal stops it
     * @throws ApiError generation_gone; StoppedError
     */
    changes: (
      since: Manifest,
      at: Manifest,
      format: TextFormat,
      signal?: AbortSignal,
    ): AsyncGenerator<SerializedChunk> =>
      reading.read({ kind: 'changes', query: { since: atOf(since), at: atOf(at), format } }, signal),

    /** Serves nothing more from a damaged file, until `reopen`. */
    suspend(): void {
      isSuspended = true;
      generations.refresh();
    },

    /** Closes the file, so that it can be replaced. Until `reopen`, every read is refused: there is no data set. */
    async detach(): Promise<void> {
      isSuspended = true;
      generations.refresh();
      figures.clear();
      latest = undefined;
      await closeFile();
    },

    /** Opens the file that is there now, or makes one; after `detach`. */
    reopen(): void {
      ({ reader, reading } = openFile());
      isSuspended = false;
      generations.refresh();
    },

    close: closeFile,
  };
}

/** What another thread needs of a manifest. */
const atOf = ({ generation, version }: Manifest): At => ({ generation, version });

const idOf = ({ generation, version }: Manifest): string => `${generation}-${version}`;
