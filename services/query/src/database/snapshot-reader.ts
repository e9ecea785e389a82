import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { openForReading, type StateFile } from '@landfall/state-file/state-file';
import { databaseDamagedError, type OnDamage, reportDamage } from '../errors/database-damaged.ts';
import { generationGoneError } from '../errors/generation-gone.ts';
import { GENERATIONS_TABLE } from './identifiers.ts';

/** So many statements are kept ready; their texts are few, but not bounded by anything else. */
const MAX_PREPARED = 300;

/** Stands for a number of rows. SQLite would plan a statement anew for every value of a bare `LIMIT ?`. */
export const COUNT = 'CAST(? AS INTEGER)';
/** As a number of rows: without a limit. */
export const ALL = -1;

export type Reader = ReturnType<typeof openReader>;
/** A generation, as far as reading goes. */
export type At = Pick<Manifest, 'generation' | 'version'>;
type Value = string | number;

/**
 * Reads the database in short transactions, each at a generation that is there: what is read in one turn of the event
 * loop shares one, which costs as much as a small statement. Between turns nothing is held open, so a slow client never
 * keeps the database's log from being reset; what they read is of one generation all the same, since its rows stay as
 * they are for as long as it is kept.
 *
 * @param onDamage called when SQLite finds the file damaged; the read throws ApiError no_data_set then
 */
export function openReader(file: string, onDamage: OnDamage = () => undefined) {
  const db = openForReading(file);
  const prepared = new Map<string, ReturnType<StateFile['prepare']>>();
  const [begin, commit] = [db.prepare('BEGIN'), db.prepare('COMMIT')];
  const isKept = db.prepare<[number, string]>(
    `SELECT 1 FROM ${GENERATIONS_TABLE} WHERE generation = ? AND version = ?`,
  );
  /** The versions of those that are there, as this turn's transaction sees it. */
  const seen = new Map<number, string>();
  let turn: NodeJS.Immediate | undefined;
  let isClosed = false;

  function guarded<T>(read: () => T): T {
    if (isClosed) throw databaseDamagedError();
    try {
      return read();
    } catch (error) {
      throw reportDamage(error, onDamage);
    }
  }

  function endTurn(): void {
    clearImmediate(turn);
    turn = undefined;
    seen.clear();
    if (db.inTransaction) commit.run();
  }

  function statement(sql: string) {
    const ready = prepared.get(sql);
    if (ready) return ready;
    if (prepared.size === MAX_PREPARED) prepared.clear();
    const made = db.prepare(sql).raw();
    prepared.set(sql, made);
    return made;
  }

  function beginTurn(): void {
    if (turn) return;
    begin.run();
    turn = setImmediate(() => {
      try {
        endTurn();
      } catch (error) {
        reportDamage(error, onDamage);
      }
    });
  }

  function isThere({ generation, version }: At): boolean {
    if (seen.get(generation) === version) return true;
    if (!isKept.get(generation, version)) return false;
    seen.set(generation, version);
    return true;
  }

  return {
    /** The rows of a query, each an array of its columns. */
    rows: <Row extends unknown[]>(sql: string, ...values: Value[]): Row[] =>
      guarded(() => statement(sql).all(...values) as Row[]),

    /**
     * Reads within the transaction of this turn.
     *
     * @throws ApiError generation_gone
     */
    at<T>(at: At, read: () => T): T {
      guarded(() => {
        beginTurn();
        if (isThere(at)) return;
        // It may have come since this turn began, and whoever asks may have heard of it already.
        endTurn();
        beginTurn();
        if (!isThere(at)) throw generationGoneError(at.generation, undefined);
      });
      return read();
    },

    /** Reads what was committed last, whatever this turn has seen before. */
    latest<T>(read: () => T): T {
      guarded(endTurn);
      return read();
    },

    close(): void {
      isClosed = true;
      try {
        endTurn();
      } finally {
        db.close();
      }
    },
  };
}
