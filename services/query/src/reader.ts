import type { Manifest } from '@landfall/contracts/manifest';
import { openForReading, type StateFile } from '@landfall/state-file/state-file';
import { asDamage, DamagedDatabaseError } from './damaged.ts';
import { gone } from './gone.ts';

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
 * @param onDamage called for every read that finds the file damaged
 * @throws DamagedDatabaseError
 */
export function openReader(file: string, onDamage: (error: DamagedDatabaseError) => void = () => undefined) {
  let { db, begin, commit, isKept } = translated(() => open(file));
  const prepared = new Map<string, ReturnType<StateFile['prepare']>>();
  /** The versions of those that are there, as this turn's transaction sees it. */
  const seen = new Map<number, string>();
  let turn: NodeJS.Immediate | undefined;

  function endTurn(): void {
    clearImmediate(turn);
    turn = undefined;
    seen.clear();
    if (db.inTransaction) commit.run();
  }

  /** Where nobody is there to catch it. */
  function endTurnByItself(): void {
    try {
      translated(endTurn);
    } catch {
      // The next to read finds the same.
    }
  }

  function translated<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      const damage = asDamage(error);
      if (damage instanceof DamagedDatabaseError && damage !== error) onDamage(damage);
      throw damage;
    }
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
    turn = setImmediate(endTurnByItself);
  }

  function isThere({ generation, version }: At): boolean {
    if (seen.get(generation) === version) return true;
    if (!isKept.get(generation, version)) return false;
    seen.set(generation, version);
    return true;
  }

  /** The transaction of this turn, in which a generation is there. */
  function enter(at: At): void {
    beginTurn();
    if (isThere(at)) return;
    // It may have come since this turn began, and whoever asks may have heard of it already.
    endTurn();
    beginTurn();
    if (!isThere(at)) throw gone(at.generation, undefined);
  }

  return {
    /** The rows of a query, each an array of its columns. */
    rows: <Row extends unknown[]>(sql: string, ...values: Value[]): Row[] =>
      translated(() => statement(sql).all(...values) as Row[]),

    /**
     * Reads within the transaction of this turn.
     *
     * @throws ApiError generation_gone; DamagedDatabaseError
     */
    at<T>(at: At, read: () => T): T {
      return translated(() => {
        enter(at);
        return read();
      });
    },

    /** Reads what was committed last, whatever this turn has seen before. */
    latest<T>(read: () => T): T {
      translated(endTurn);
      return read();
    },

    /**
     * Closes the file and opens it again.
     *
     * @param whileClosed is called in between; a file has to be there afterwards
     */
    reopen(whileClosed: () => void): void {
      close();
      whileClosed();
      ({ db, begin, commit, isKept } = translated(() => open(file)));
    },

    close,
  };

  /** Whatever state the file is in. */
  function close(): void {
    endTurnByItself();
    prepared.clear();
    db.close();
  }
}

function open(file: string) {
  const db = openForReading(file);
  return {
    db,
    begin: db.prepare('BEGIN'),
    commit: db.prepare('COMMIT'),
    isKept: db.prepare<[number, string]>('SELECT 1 FROM generations WHERE generation = ? AND version = ?'),
  };
}
