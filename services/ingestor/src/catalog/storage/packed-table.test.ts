import path from 'node:path';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { openStateFile } from '@landfall/state-file/state-file';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { openPackedTable } from './packed-table.ts';

type Entry = [key: string, value: number];

const keys = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map(String),
  fc.constantFrom('a', 'a.', 'a/', '\u00e9', '\ufffd', '\u{1f600}', '9'.repeat(300)),
);
const steps = fc.array(
  fc.record({
    writes: fc.dictionary(keys, fc.option(fc.nat(), { nil: undefined }), {
      maxKeys: 300,
      noNullPrototype: true,
    }),
    isRolledBack: fc.boolean(),
  }),
  { maxLength: 12 },
);

t.test('a packed table has the entries of a map, in byte order of the keys', async (t) => {
  t.testdir();
  let files = 0;
  await fc.assert(
    fc.asyncProperty(steps, keys, keys, async (history, from, to) => {
      const { db, table } = openTable(t, `${files++}.sqlite`);
      const map = new Map<string, number>();
      for (const { writes, isRolledBack } of history) {
        db.exec('BEGIN');
        table.write(
          Object.entries(writes)
            .sort(([a], [b]) => compareBytes(a, b))
            .map(([key, value]) => ({ key, entry: value === undefined ? undefined : [key, value] })),
        );
        db.exec(isRolledBack ? 'ROLLBACK' : 'COMMIT');
        if (isRolledBack) table.dropCache();
        else for (const [key, value] of Object.entries(writes)) setOrDelete(map, key, value);
        for (const key of Object.keys(writes)) t.same(table.get(key)?.[1], map.get(key));
      }
      const all = [...map].sort(([a], [b]) => compareBytes(a, b));
      t.same(allOf(table), all);
      const between = all.filter(([key]) => compareBytes(from, key) < 0 && compareBytes(key, to) < 0);
      t.same(table.between(from, to), between);
      db.close();
    }),
    { numRuns: 100 },
  );
});

t.test('appended entries get packs of their own, which are not rewritten', (t) => {
  t.testdir();
  const { db, table } = openTable(t, 'appended.sqlite');
  const rows = db.prepare('SELECT first_key, length(entries) FROM entries').raw();
  const numbers = Array.from({ length: 2_000 }, (_, i) => String(10_000 + i));
  let before: unknown[] = [];
  for (let at = 0; at < numbers.length; at += 250) {
    table.write(numbers.slice(at, at + 250).map((key) => ({ key, entry: [key, 1] })));
    const now = rows.all();
    t.same(now.slice(0, before.length), before);
    before = now;
  }
  t.equal(before.length, 8);
  table.write(numbers.map((key) => ({ key, entry: undefined })));
  t.same(rows.all(), [], 'removing all entries leaves no row');
  db.close();
  t.end();
});

function openTable(t: Test, file: string) {
  const schema = 'CREATE TABLE entries (first_key TEXT PRIMARY KEY, entries TEXT) WITHOUT ROWID';
  const db = openStateFile(path.join(t.testdirName, file), { schemaVersion: 1, schema }, () => undefined);
  const table = openPackedTable<Entry, [entries: string]>(db, {
    table: 'entries',
    columns: ['entries'],
    keyOf: ([key]) => key,
    pack: (entries) => [JSON.stringify(entries)],
    unpack: ([entries]) => JSON.parse(entries),
  });
  return { db, table };
}

function setOrDelete(map: Map<string, number>, key: string, value: number | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function allOf(table: ReturnType<typeof openTable>['table']): Entry[] {
  const all: Entry[] = [];
  for (let pack = table.packAfter(''); pack.length > 0; pack = table.packAfter(all.at(-1)?.[0] ?? ''))
    all.push(...pack);
  return all;
}
