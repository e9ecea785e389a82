import type { Manifest } from '@landfall/contracts/manifest';
import { openForReading, type StateFile } from '@landfall/state-file/state-file';
import { gone } from './generations.ts';

/** So many statements are kept ready; their texts are few, but not bounded by anything else. */
const MAX_PREPARED = 300;

export type Reader = ReturnType<typeof openReader>;
type Value = string | number;

/**
 * Reads the database in short transactions, each at a generation that is there. Between two of them nothing is held
 * open, so a slow client never keeps the database's log from being reset; what they read is of one generation all
 * the same, since its rows stay as they are for as long as it is kept.
 */
export function openReader(file: string) {
  const db = openForReading(file);
  const prepared = new Map<string, ReturnType<StateFile['prepare']>>();
  const isKept = db.prepare<[number, string]>(
    'SELECT 1 FROM generations WHERE generation = ? AND version = ?',
  );

  function statement(sql: string) {
    const ready = prepared.get(sql) ?? db.prepare(sql).raw();
    prepared.delete(sql);
    prepared.set(sql, ready);
    const [oldest] = prepared.keys();
    if (prepared.size > MAX_PREPARED && oldest !== undefined) prepared.delete(oldest);
    return ready;
  }

  return {
    db,
    /** The rows of a query, each an array of its columns. */
    rows: <Row extends unknown[]>(sql: string, ...values: Value[]): Row[] =>
      statement(sql).all(...values) as Row[],

    /**
     * Reads within one transaction.
     *
     * @throws ApiError generation_gone
     */
    at: <T>({ generation, version }: Manifest, read: () => T): T =>
      db.transaction(() => {
        if (!isKept.get(generation, version)) throw gone(generation, undefined);
        return read();
      })(),

    close: () => db.close(),
  };
}
