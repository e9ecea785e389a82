import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { FileIdentity } from '@landfall/state-file/file-identity';
import { openForReading, type StateFile } from '@landfall/state-file/state-file';
import { databaseDamagedError, type OnDamage, reportDamage } from '../errors/database-damaged.ts';
import { generationGoneError } from '../errors/generation-gone.ts';
import { GENERATIONS_TABLE } from './identifiers.ts';

/** Prepared statements that are kept. There are few different texts, but nothing else bounds their number. */
const MAX_PREPARED = 300;

/** A parameter for a number of rows. For a bare `LIMIT ?`, SQLite plans the statement again for every value. */
export const LIMIT_PARAMETER = 'CAST(? AS INTEGER)';
/** A value of `LIMIT_PARAMETER`: all rows. */
export const NO_LIMIT = -1;

export type SnapshotReader = ReturnType<typeof openSnapshotReader>;
/** Identifies a generation. Data sets of different lineages may have the same number. */
export type GenerationId = Pick<Manifest, 'generation' | 'version'>;
type Value = string | number | null;

/**
 * Reads the database in short transactions, each at a loaded generation. The reads of one event-loop tick share a transaction,
 * which costs as much as a small statement. Between ticks no transaction is open, so a slow client never keeps SQLite from
 * resetting the write-ahead log. A long read is of one generation nevertheless: its rows do not change as long as it is kept.
 *
 * @param onDamage called with the reason when SQLite finds the file damaged; the read then throws ApiError no_data_set
 * @param expected the file that other connections have open
 * @throws DamagedStateError when another file took its place
 */
export function openSnapshotReader(
  file: string,
  onDamage: OnDamage = () => undefined,
  expected?: FileIdentity,
) {
  const db = openForReading(file, expected);
  const prepared = new Map<string, ReturnType<StateFile['prepare']>>();
  const [begin, commit] = [db.prepare('BEGIN'), db.prepare('COMMIT')];
  const isLoaded = db.prepare<[number, string]>(
    `SELECT 1 FROM ${GENERATIONS_TABLE} WHERE generation = ? AND version = ?`,
  );
  /** Versions by generation that the transaction of this tick was checked for. */
  const checked = new Map<number, string>();
  let endOfTick: NodeJS.Immediate | undefined;
  let isClosed = false;

  function guarded<T>(read: () => T): T {
    if (isClosed) throw databaseDamagedError();
    try {
      return read();
    } catch (error) {
      throw reportDamage(error, onDamage);
    }
  }

  function endTransaction(): void {
    clearImmediate(endOfTick);
    endOfTick = undefined;
    checked.clear();
    if (db.inTransaction) commit.run();
  }

  function beginTransaction(): void {
    if (endOfTick) return;
    begin.run();
    endOfTick = setImmediate(() => {
      try {
        endTransaction();
      } catch (error) {
        reportDamage(error, onDamage);
      }
    });
  }

  function statement(sql: string) {
    const known = prepared.get(sql);
    if (known) return known;
    if (prepared.size === MAX_PREPARED) prepared.clear();
    const made = db.prepare(sql).raw();
    prepared.set(sql, made);
    return made;
  }

  function hasGeneration({ generation, version }: GenerationId): boolean {
    if (checked.get(generation) === version) return true;
    if (!isLoaded.get(generation, version)) return false;
    checked.set(generation, version);
    return true;
  }

  return {
    /** Reads the rows of a query, each an array of its columns. */
    rows: <Row extends unknown[]>(sql: string, ...values: Value[]): Row[] =>
      guarded(() => statement(sql).all(...values) as Row[]),

    /**
     * Runs `read` in the transaction of this tick, after a check that it has the generation.
     *
     * @throws ApiError generation_gone, no_data_set
     */
    at<T>(at: GenerationId, read: () => T): T {
      guarded(() => {
        beginTransaction();
        if (hasGeneration(at)) return;
        // It may have been loaded since the tick began, and the caller may know it already.
        endTransaction();
        beginTransaction();
        if (!hasGeneration(at)) throw generationGoneError(at.generation, undefined);
      });
      return read();
    },

    /** Runs `read` on what was committed last, also when this tick has read an earlier state. */
    withNewSnapshot<T>(read: () => T): T {
      guarded(endTransaction);
      return read();
    },

    close(): void {
      isClosed = true;
      try {
        endTransaction();
      } finally {
        db.close();
      }
    },
  };
}
