import { compareBytes } from '@landfall/contracts/text/byte-order';
import type { ColumnValue } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import type { Edit } from './write-buffer.ts';

/**
 * A block that grows beyond twice so many entries is cut up. Of larger blocks, a million entries are no faster to
 * write, and a single one is slower to change.
 */
const SIZE = 128;

/**
 * How entries are held in a table whose first column is `first_key TEXT PRIMARY KEY`. Not one WITHOUT ROWID: looking for a
 * key there, SQLite reads whole rows of several pages at each comparison.
 */
export interface BlockFormat<Entry, Columns extends ColumnValue[]> {
  table: string;
  /** The columns besides `first_key`. */
  columns: readonly string[];
  keyOf: (entry: Entry) => string;
  write: (entries: readonly Entry[]) => Columns;
  read: (columns: Columns) => Entry[];
}

/** Entries that follow each other, from `first` up to before `end`, undefined where nothing follows. */
interface Block<Entry> {
  /** The key of its row; undefined when there is none. */
  first: string | undefined;
  end: string | undefined;
  entries: readonly Entry[];
  /** Where the next one looked for is likely to be: most are asked for in the order of their keys. */
  near: number;
}

/**
 * Entries in byte order of their keys, some hundred in a row of SQLite: for a million entries that costs a fourth of
 * what a row each costs. Whoever asks for keys in their order finds each block in memory but the first time.
 */
export function openBlocks<Entry, Columns extends ColumnValue[]>(
  db: StateFile,
  { table, columns, keyOf, write, read }: BlockFormat<Entry, Columns>,
) {
  type Row = [first: string, ...Columns];
  const select = `SELECT first_key, ${columns.join()} FROM ${table} WHERE first_key`;
  const rowUpTo = db.prepare<[string], Row>(`${select} <= ? ORDER BY first_key DESC LIMIT 1`).raw();
  const rowAfter = db.prepare<[string], Row>(`${select} > ? ORDER BY first_key LIMIT 1`).raw();
  const rowLast = db
    .prepare<[], Row>(`SELECT first_key, ${columns.join()} FROM ${table} ORDER BY first_key DESC LIMIT 1`)
    .raw();
  const firstAfter = db
    .prepare<[string], string | null>(`SELECT min(first_key) FROM ${table} WHERE first_key > ?`)
    .pluck();
  const drop = db.prepare<[string]>(`DELETE FROM ${table} WHERE first_key = ?`);
  const put = db.prepare(`INSERT INTO ${table} VALUES (?${', ?'.repeat(columns.length)})`);
  let held: Block<Entry> | undefined;

  /** The block that has the key, if any has; what comes before the first one belongs to that. */
  function blockOf(key: string): Block<Entry> {
    if (held && isIn(held, key)) return held;
    const row = rowUpTo.get(key) ?? rowAfter.get('');
    const end = firstAfter.get(row?.[0] ?? '') ?? undefined;
    held = { first: row?.[0], end, entries: row ? entriesOf(row) : [], near: 0 };
    return held;
  }

  function entriesOf([, ...columns]: Row): Entry[] {
    return read(columns);
  }

  function isIn({ first, end }: Block<Entry>, key: string): boolean {
    const isBefore = first !== undefined && compareBytes(key, first) < 0;
    return !isBefore && (end === undefined || compareBytes(key, end) < 0);
  }

  /**
   * Where the first entry is whose key is not before this one.
   *
   * @param near is looked at before the others
   */
  function indexOf(entries: readonly Entry[], key: string, near: number): number {
    const isBefore = (at: number): boolean => {
      const entry = entries[at];
      return entry !== undefined && compareBytes(keyOf(entry), key) < 0;
    };
    if (near > 0 && !isBefore(near - 1)) return search(0, near - 1);
    return isBefore(near) ? search(near + 1, entries.length) : near;

    function search(from: number, to: number): number {
      while (from < to) {
        const middle = (from + to) >> 1;
        if (isBefore(middle)) from = middle + 1;
        else to = middle;
      }
      return from;
    }
  }

  function merge(entries: readonly Entry[], edits: readonly Edit<Entry>[]): Entry[] {
    const merged: Entry[] = [];
    let at = 0;
    for (const { key, entry } of edits) {
      const from = at;
      at = indexOf(entries, key, from);
      for (const kept of entries.slice(from, at)) merged.push(kept);
      if (entry) merged.push(entry);
      const old = entries[at];
      if (old && keyOf(old) === key) at++;
    }
    for (const kept of entries.slice(at)) merged.push(kept);
    return merged;
  }

  function replace(block: Block<Entry>, edits: readonly Edit<Entry>[]): void {
    const { first, end, entries } = block;
    const [last, edit] = [entries.at(-1), edits[0]];
    // What is appended gets a block of its own: to write the last one again and again would be half of the work.
    const isAppended =
      end === undefined &&
      entries.length >= SIZE / 2 &&
      last !== undefined &&
      edit !== undefined &&
      compareBytes(keyOf(last), edit.key) < 0;
    held = undefined;
    if (first !== undefined && !isAppended) drop.run(first);
    const merged = merge(isAppended ? [] : entries, edits);
    const blocks = merged.length <= 2 * SIZE ? 1 : Math.ceil(merged.length / SIZE);
    const bound = (block: number) => Math.round((block * merged.length) / blocks);
    for (let i = 0; i < blocks; i++) insert(merged.slice(bound(i), bound(i + 1)), end);
  }

  function insert(entries: readonly Entry[], end: string | undefined): void {
    const [entry] = entries;
    if (!entry) return;
    const first = keyOf(entry);
    put.run(first, ...write(entries));
    held = { first, end, entries, near: entries.length };
  }

  return {
    get(key: string): Entry | undefined {
      const block = blockOf(key);
      block.near = indexOf(block.entries, key, block.near);
      const entry = block.entries[block.near];
      return entry && keyOf(entry) === key ? entry : undefined;
    },
    /** The entries behind one key and before another. */
    between(after: string, before: string): Entry[] {
      const found: Entry[] = [];
      for (let from = after; ; ) {
        const block = blockOf(from);
        const { entries, end } = block;
        block.near = indexOf(entries, after, block.near);
        for (; block.near < entries.length; block.near++) {
          const entry = entries[block.near];
          if (entry === undefined || compareBytes(keyOf(entry), before) >= 0) return found;
          if (keyOf(entry) !== after) found.push(entry);
        }
        if (end === undefined || compareBytes(end, before) >= 0) return found;
        from = end;
      }
    },
    /** The next block that begins behind the key; empty at the end. */
    blockAfter(key: string): Entry[] {
      const row = rowAfter.get(key);
      return row ? entriesOf(row) : [];
    },
    /** The last block; empty when there is none. */
    lastBlock(): Entry[] {
      const row = rowLast.get();
      return row ? entriesOf(row) : [];
    },
    /** @param edits in byte order of their keys, of each key one */
    edit(edits: readonly Edit<Entry>[]): void {
      for (let at = 0; at < edits.length; ) {
        const block = blockOf(edits[at]?.key ?? '');
        let end = at + 1;
        for (let edit = edits[end]; edit && isIn(block, edit.key); edit = edits[end]) end++;
        replace(block, edits.slice(at, end));
        at = end;
      }
    },
    clear(): void {
      held = undefined;
      db.exec(`DELETE FROM ${table}`);
    },
    /** What is in memory is not what is in the file any more, after a rollback say. */
    letGo(): void {
      held = undefined;
    },
  };
}
