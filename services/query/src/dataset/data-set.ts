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
import { openReading } from '../read-thread/dispatch.ts';
import { planFor } from '../search/access-path.ts';
import type { Question } from '../search/rows.ts';
import { PACE } from '../search/scan-limits.ts';
import { WRITTEN } from '../serialize/row-serializer.ts';
import type { Written } from '../serialize/serialized-chunk.ts';
import type { Manner, Piece } from '../serialize/serialized-scan.ts';
import type { BirthDays } from '../statistics/day-counts.ts';
import { readBirthDays } from '../statistics/read-day-counts.ts';
import { openGenerations } from './generations.ts';

export type DataSet = ReturnType<typeof openDataSet>;

/** The figures of so many generations are held, some 500 KB each at most. */
const MAX_FIGURES = 4;

/**
 * The served data set, for reading at any generation that is kept. Readers never wait for the loader.
 *
 * @param file a state file of the layout of `database-layout.ts`; made when it is not there
 * @param onDiscard called with the reason when an existing file is discarded
 * @param pace how long others wait for their turn
 * @param onDamage called when the file turns out to be damaged while it is read
 */
export function openDataSet(
  file: string,
  definition: Definition,
  onDiscard: (why: string) => void,
  pace = PACE,
  onDamage?: OnDamage,
) {
  let { reader, reading } = openFile();
  const figures = new Map<string, BirthDays>();
  let isSuspended = false;
  let latest: { at: Manifest; born: BirthDays } | undefined;

  function openFile() {
    openStateFile(file, databaseLayout(definition), onDiscard).close();
    const opened = openReader(file, onDamage);
    return {
      reader: opened,
      reading: openReading({ databaseFile: file, reader: opened, pace, onDamage }),
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
      reading.look(newest.rows);
      return [newest, ...others];
    } catch (error) {
      if (error instanceof ManifestError) onDamage?.(error.message);
      else if (!(error instanceof ApiError && error.code === 'no_data_set')) throw error;
      return [];
    }
  }

  /** Of all users of a generation. */
  function bornAt(at: Manifest): BirthDays {
    if (latest?.at === at) return latest.born;
    const born = figures.get(idOf(at)) ?? reader.at(at, () => readBirthDays(reader.rows, at));
    holdFigures(at, born);
    latest = { at, born };
    return born;
  }

  function holdFigures(at: Manifest, born: BirthDays): void {
    figures.delete(idOf(at));
    figures.set(idOf(at), born);
    const [oldest] = figures.keys();
    if (figures.size > MAX_FIGURES && oldest !== undefined) figures.delete(oldest);
  }

  const planOf = (at: Manifest, filter: Filter) => planFor(reader, at, () => bornAt(at), filter, pace);

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
          `SELECT ${WRITTEN.json} FROM ${ROWS_TABLE} WHERE ${columnSql(keyColumn(definition))} = ? AND ${sql}`,
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
    rejects: (at: Manifest, manner: Manner, limit: number, signal?: AbortSignal): AsyncGenerator<Written> =>
      reading.read({ kind: 'rejects', wanted: { at: atOf(at), manner, limit } }, signal),

    /**
     * The users that match, some at a time, as they are written in an answer.
     *
     * @param limit so many at most
     * @param signal stops it
     * @throws ApiError generation_gone; bad_parameter when there is no user to begin behind; StoppedError
     */
    users(
      at: Manifest,
      question: Question,
      manner: Manner,
      limit: number,
      signal?: AbortSignal,
    ): AsyncGenerator<Piece> {
      const { filter, order, from } = question;
      const plan = planOf(at, filter);
      return reading.read(
        { kind: 'users', wanted: { at: atOf(at), plan, order, from, manner, limit } },
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
    async born(at: Manifest, filter: Filter, signal?: AbortSignal): Promise<BirthDays> {
      if (isInFigures(filter)) return bornAt(at);
      const wanted = { at: atOf(at), plan: planOf(at, filter) };
      for await (const born of reading.read({ kind: 'birthDays', wanted }, signal)) return born;
      throw new Error('a count ended without a result');
    },

    /**
     * What is otherwise at one generation than at an earlier one; see `writeChanges`.
     *
     * @param between what stands between two changes
     * @param signal stops it
     * @throws ApiError generation_gone; StoppedError
     */
    changes: (
      since: Manifest,
      at: Manifest,
      between: string,
      signal?: AbortSignal,
    ): AsyncGenerator<Written> =>
      reading.read({ kind: 'changes', wanted: { since: atOf(since), at: atOf(at), between } }, signal),

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

const isInFigures = ({ userIds, firstName, lastName }: Filter): boolean =>
  userIds === undefined && firstName === undefined && lastName === undefined;
