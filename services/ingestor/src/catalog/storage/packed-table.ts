import { compareBytes } from '@landfall/contracts/text/byte-order';
import type { ColumnValue } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import type { EntryWrite } from './write-buffer.ts';

/**
 * Entries per pack; a pack with more than twice as many is split. Larger packs do not write a million entries faster, and
 * make the change of a single entry slower.
 */
const PACK_SIZE = 128;

/**
 * How entries are stored in a SQLite table whose first column is `first_key TEXT PRIMARY KEY`. The table must not be
 * WITHOUT ROWID: a search by key would then read rows of several database pages at each comparison.
 */
export interface PackedTableFormat<Entry, Columns extends ColumnValue[]> {
  table: string;
  /** The columns besides `first_key`. */
  columns: readonly string[];
  keyOf: (entry: Entry) => string;
  /** Returns the columns of consecutive entries. */
  pack: (entries: readonly Entry[]) => Columns;
  /** The inverse of `pack`. */
  unpack: (columns: Columns) => Entry[];
}

/** The consecutive entries of one SQLite row, in memory. */
interface Pack<Entry> {
  /** The first key; undefined while the table is empty. */
  first: string | undefined;
  /** Whether keys before `first` belong to it as well: it is the first pack. May be false for a first pack that a later key found. */
  isFirst: boolean;
  /** The first key of the next pack; undefined for the last pack. */
  end: string | undefined;
  entries: readonly Entry[];
  /** Index at which the next search starts: most keys are requested in order. */
  cursor: number;
}

/**
 * A sorted map in SQLite that stores about a hundred entries per SQLite row ("pack"). A million entries cost a quarter
 * of the time that one SQLite row per entry costs.
 *
 * Keys are ordered by their UTF-8 bytes. The pack that was used last stays in memory, so access in key order reads each pack
 * once. After a rollback the caller must call `dropCache`.
 */
export function openPackedTable<Entry, Columns extends ColumnValue[]>(
  db: StateFile,
  { table, columns, keyOf, pack, unpack }: PackedTableFormat<Entry, Columns>,
) {
  type Row = [first: string, ...Columns];
  const allColumns = ['first_key', ...columns].join();
  const select = `SELECT ${allColumns} FROM ${table} WHERE first_key`;
  const rowUpTo = db.prepare<[string], Row>(`${select} <= ? ORDER BY first_key DESC LIMIT 1`).raw();
  const rowAfter = db.prepare<[string], Row>(`${select} > ? ORDER BY first_key LIMIT 1`).raw();
  const lastRow = db
    .prepare<[], Row>(`SELECT ${allColumns} FROM ${table} ORDER BY first_key DESC LIMIT 1`)
    .raw();
  const firstKeyAfter = db
    .prepare<[string], string | null>(`SELECT min(first_key) FROM ${table} WHERE first_key > ?`)
    .pluck();
  const deleteRow = db.prepare<[string]>(`DELETE FROM ${table} WHERE first_key = ?`);
  const insertRow = db.prepare(`INSERT INTO ${table} VALUES (?${', ?'.repeat(columns.length)})`);
  let cached: Pack<Entry> | undefined;

  /** The pack whose range contains the key; the first pack for keys before it. */
  function packOf(key: string): Pack<Entry> {
    if (cached && isInRange(cached, key)) return cached;
    const upTo = rowUpTo.get(key);
    const row = upTo ?? rowAfter.get('');
    const end = firstKeyAfter.get(row?.[0] ?? '') ?? undefined;
    cached = { first: row?.[0], isFirst: !upTo, end, entries: row ? entriesOf(row) : [], cursor: 0 };
    return cached;
  }

  function entriesOf([, ...columns]: Row): Entry[] {
    return unpack(columns);
  }

  function isInRange({ first, isFirst, end }: Pack<Entry>, key: string): boolean {
    const isBefore = !isFirst && first !== undefined && compareBytes(key, first) < 0;
    return !isBefore && (end === undefined || compareBytes(key, end) < 0);
  }

  /**
   * The index of the first entry whose key is not before `key`.
   *
   * @param cursor index that is tried first
   */
  function indexOf(entries: readonly Entry[], key: string, cursor: number): number {
    const isBefore = (at: number): boolean => {
      const entry = entries[at];
      return entry !== undefined && compareBytes(keyOf(entry), key) < 0;
    };
    if (cursor > 0 && !isBefore(cursor - 1)) return binarySearch(0, cursor - 1);
    return isBefore(cursor) ? binarySearch(cursor + 1, entries.length) : cursor;

    function binarySearch(from: number, to: number): number {
      while (from < to) {
        const middle = (from + to) >> 1;
        if (isBefore(middle)) from = middle + 1;
        else to = middle;
      }
      return from;
    }
  }

  function applyWrites(entries: readonly Entry[], writes: readonly EntryWrite<Entry>[]): Entry[] {
    const result: Entry[] = [];
    let at = 0;
    for (const { key, entry } of writes) {
      const from = at;
      at = indexOf(entries, key, from);
      for (const unchanged of entries.slice(from, at)) result.push(unchanged);
      if (entry) result.push(entry);
      const old = entries[at];
      if (old && keyOf(old) === key) at++;
    }
    for (const unchanged of entries.slice(at)) result.push(unchanged);
    return result;
  }

  function rewritePack(old: Pack<Entry>, writes: readonly EntryWrite<Entry>[]): void {
    const { first, isFirst, end, entries } = old;
    const [last, write] = [entries.at(-1), writes[0]];
    // Appended entries start a new pack: rewriting the last one for each batch would double the work.
    const isAppend =
      end === undefined &&
      entries.length >= PACK_SIZE / 2 &&
      last !== undefined &&
      write !== undefined &&
      compareBytes(keyOf(last), write.key) < 0;
    cached = undefined;
    if (first !== undefined && !isAppend) deleteRow.run(first);
    const result = applyWrites(isAppend ? [] : entries, writes);
    const packs = result.length <= 2 * PACK_SIZE ? 1 : Math.ceil(result.length / PACK_SIZE);
    const bound = (i: number) => Math.round((i * result.length) / packs);
    for (let i = 0; i < packs; i++) {
      insertPack(result.slice(bound(i), bound(i + 1)), isFirst && !isAppend && i === 0, end);
    }
  }

  function insertPack(entries: readonly Entry[], isFirst: boolean, end: string | undefined): void {
    const [entry] = entries;
    if (!entry) return;
    const first = keyOf(entry);
    insertRow.run(first, ...pack(entries));
    cached = { first, isFirst, end, entries, cursor: entries.length };
  }

  return {
    get(key: string): Entry | undefined {
      const found = packOf(key);
      found.cursor = indexOf(found.entries, key, found.cursor);
      const entry = found.entries[found.cursor];
      return entry && keyOf(entry) === key ? entry : undefined;
    },
    /** The entries of an open key range. */
    between(after: string, before: string): Entry[] {
      const result: Entry[] = [];
      for (let from = after; ; ) {
        const found = packOf(from);
        const { entries, end } = found;
        found.cursor = indexOf(entries, after, found.cursor);
        for (; found.cursor < entries.length; found.cursor++) {
          const entry = entries[found.cursor];
          if (entry === undefined || compareBytes(keyOf(entry), before) >= 0) return result;
          if (keyOf(entry) !== after) result.push(entry);
        }
        if (end === undefined || compareBytes(end, before) >= 0) return result;
        from = end;
      }
    },
    /** The entries of the first pack that begins after the key; empty at the end. */
    packAfter(key: string): Entry[] {
      const row = rowAfter.get(key);
      return row ? entriesOf(row) : [];
    },
    /** The entries of the last pack; empty if there is none. */
    lastPack(): Entry[] {
      const row = lastRow.get();
      return row ? entriesOf(row) : [];
    },
    /** @param writes in byte order of the keys, each key once */
    write(writes: readonly EntryWrite<Entry>[]): void {
      for (let at = 0; at < writes.length; ) {
        const found = packOf(writes[at]?.key ?? '');
        let end = at + 1;
        for (let next = writes[end]; next && isInRange(found, next.key); next = writes[end]) end++;
        rewritePack(found, writes.slice(at, end));
        at = end;
      }
    },
    clear(): void {
      cached = undefined;
      db.exec(`DELETE FROM ${table}`);
    },
    /** Call after a rollback: the cached pack may differ from the file. */
    dropCache(): void {
      cached = undefined;
    },
  };
}
