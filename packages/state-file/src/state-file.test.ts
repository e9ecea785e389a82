import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { openForReading, openStateFile } from './state-file.ts';

const LAYOUT = { schemaVersion: 1, schema: 'CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID' };
const words = (db: ReturnType<typeof openStateFile>) =>
  db.prepare('SELECT word FROM words ORDER BY word').pluck().all();

t.test('what was written is there at the next opening', async (t) => {
  const file = path.join(t.testdir(), 'in/a/folder/state.sqlite');
  const discarded: string[] = [];
  const first = openStateFile(file, LAYOUT, (why) => discarded.push(why));
  first.exec("INSERT INTO words VALUES ('kept')");
  first.close();
  const second = openStateFile(file, LAYOUT, (why) => discarded.push(why));
  t.same(words(second), ['kept']);
  second.close();
  t.same(discarded, []);
});

t.test('text is ordered by its UTF-8 bytes', async (t) => {
  const db = openStateFile(path.join(t.testdir(), 'state.sqlite'), LAYOUT, () => undefined);
  const all = ['b', 'a', 'é', 'Z', '😀', '\ufffd', '10', '9', 'a\0b'];
  for (const word of all) db.prepare('INSERT INTO words VALUES (?)').run(word);
  t.same(
    words(db),
    all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
  db.close();
});

t.test('a file of another layout is made anew, and so is a damaged one', async (t) => {
  const file = path.join(t.testdir(), 'state.sqlite');
  const discarded: string[] = [];
  const open = (schemaVersion: number) =>
    openStateFile(file, { ...LAYOUT, schemaVersion }, (why) => discarded.push(why));
  const first = open(1);
  first.exec("INSERT INTO words VALUES ('lost')");
  first.close();
  const second = open(2);
  t.same(words(second), []);
  t.match(discarded, [/has layout 1 instead of 2/]);
  second.close();
  fs.writeFileSync(file, 'no database at all, but long enough to be taken for one. '.repeat(100));
  const third = open(2);
  t.same(words(third), []);
  t.match(discarded[1], /not a database/);
  third.close();
});

t.test('a file that can’t be opened is an error, not a reason to remove it', async (t) => {
  const folder = t.testdir({ 'state.sqlite': {} });
  t.throws(() => openStateFile(path.join(folder, 'state.sqlite'), LAYOUT, () => t.fail('removed')));
  t.throws(() => openForReading(path.join(folder, 'none.sqlite')));
});

t.test('a reader sees the last commit, while somebody writes', async (t) => {
  const file = path.join(t.testdir(), 'state.sqlite');
  const writer = openStateFile(file, LAYOUT, () => undefined);
  const reader = openForReading(file);
  writer.exec("BEGIN IMMEDIATE; INSERT INTO words VALUES ('new')");
  t.same(words(reader), []);
  writer.exec('COMMIT');
  t.same(words(reader), ['new']);
  t.throws(() => reader.exec("INSERT INTO words VALUES ('x')"), { code: 'SQLITE_READONLY' });
  reader.close();
  writer.close();
});
