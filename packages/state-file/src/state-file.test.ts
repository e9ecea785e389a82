import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { checkStructureInBackground } from './check-structure.ts';
import { setAside } from './damage.ts';
import { identify } from './file-identity.ts';
import { checkStructure, openForReading, openForWriting, openStateFile } from './state-file.ts';
import { watchStateFile } from './watch-file.ts';

const LAYOUT = { schemaVersion: 1, schema: 'CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID' };
const words = (db: ReturnType<typeof openStateFile>) =>
  db.prepare('SELECT word FROM words ORDER BY word').pluck().all();

t.test('the content is there when the file is opened again', async (t) => {
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

t.test('a file of another schema version and a damaged file are created again', async (t) => {
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

t.test('a file of another definition is created again', async (t) => {
  const file = path.join(t.testdir(), 'state.sqlite');
  const discarded: string[] = [];
  const open = (definition?: string) =>
    openStateFile(file, { ...LAYOUT, ...(definition && { definition }) }, (why) => discarded.push(why));
  for (const [definition, expected] of [
    ['one', 0],
    ['one', 0],
    ['two', 1],
    ['two', 1],
    [undefined, 2],
    ['two', 3],
  ] as const) {
    const before = discarded.length;
    const db = open(definition);
    t.equal(discarded.length, expected);
    if (expected > before) t.same(words(db), [], 'without the earlier content');
    else db.exec("INSERT OR IGNORE INTO words VALUES ('kept')");
    db.close();
  }
  t.match(discarded[0], /another definition/);
});

t.test('anything else in the place of the file is set aside, and the file is created', async (t) => {
  const cases: Record<string, (file: string) => void> = {
    'a folder': (file) => fs.mkdirSync(path.join(file, 'with'), { recursive: true }),
    'a folder in the place of the write-ahead log': (file) => fs.mkdirSync(`${file}-wal`),
    'a folder in the place of the index of the log'(file) {
      openStateFile(file, LAYOUT, () => undefined).close();
      fs.mkdirSync(`${file}-shm`);
    },
    'a link to itself': (file) => fs.symlinkSync(file, file),
    'a foreign database with the same version': (file) => {
      openStateFile(file, { schemaVersion: 1, schema: 'CREATE TABLE other (x)' }, () => undefined).close();
    },
    'a foreign database without a version': (file) => {
      openStateFile(file, { schemaVersion: 0, schema: 'CREATE TABLE other (x)' }, () => undefined).close();
    },
    'a database without one of the tables': (file) => {
      openStateFile(file, { schemaVersion: 1, schema: '' }, () => undefined).close();
    },
    rubbish: (file) => fs.writeFileSync(file, 'rubbish '.repeat(1_000)),
  };
  for (const [what, put] of Object.entries(cases)) {
    const folder = t.testdir();
    const file = path.join(folder, 'state.sqlite');
    put(file);
    const discarded: string[] = [];
    const db = openStateFile(file, LAYOUT, (why) => discarded.push(why), Date.UTC(2026, 5, 1));
    t.same(words(db), [], what);
    db.close();
    t.match(discarded, [/set aside as state\.sqlite\.damaged-20260601T000000000Z/], what);
    t.ok(
      fs.readdirSync(folder).some((name) => name.startsWith('state.sqlite.damaged-20260601T000000000Z')),
      what,
    );
  }
});

t.test('a file that cannot be read or written is set aside', async (t) => {
  const folder = t.testdir();
  const regainRights = dropRights(folder);
  try {
    for (const mode of [0o000, 0o400]) {
      const file = path.join(folder, `${mode}.sqlite`);
      openStateFile(file, LAYOUT, () => undefined).close();
      fs.chmodSync(file, mode);
      const discarded: string[] = [];
      openStateFile(file, LAYOUT, (why) => discarded.push(why)).close();
      t.equal(discarded.length, 1, mode.toString(8));
    }
    fs.chmodSync(folder, 0o500);
    t.throws(() => openStateFile(path.join(folder, 'new.sqlite'), LAYOUT, () => undefined), {
      message: /permissions?\b/,
      isForOperator: true,
    });
  } finally {
    regainRights();
    fs.chmodSync(folder, 0o700);
  }
});

t.test('a folder that cannot be used is an operator error that names the folder', async (t) => {
  const folder = t.testdir({ file: 'no folder' });
  const open = (file: string) => openStateFile(file, LAYOUT, () => t.fail('discarded'));
  for (const name of ['file/state.sqlite', 'file/deeper/state.sqlite', `${'x'.repeat(300)}/state.sqlite`]) {
    const file = path.join(folder, name);
    t.throws(() => open(file), { name: 'UnusableStateError', isForOperator: true }, name);
    t.throws(() => open(file), { message: `STATE_DIR (${path.dirname(file)}) can't be used: ` }, name);
  }
  t.throws(() => open('/dev/full/state.sqlite'), { message: /is not a folder/ });
  t.throws(() => open('/proc/state.sqlite'), { name: 'UnusableStateError' });
  t.throws(() => open('/proc/new/folder/state.sqlite'), { message: /it cannot be created/ });
  fs.symlinkSync('nowhere/at/all', path.join(folder, 'link'));
  for (const name of ['link/state.sqlite', 'link/deeper/state.sqlite'])
    t.throws(() => open(path.join(folder, name)), { name: 'UnusableStateError', isForOperator: true }, name);
  t.throws(() => openForReading(path.join(folder, 'none.sqlite')));
  t.throws(() => identify(path.join(folder, 'none.sqlite')), { code: 'state_damaged' });
});

t.test('the newest two files that were set aside are kept', async (t) => {
  const folder = t.testdir();
  const file = path.join(folder, 'state.sqlite');
  for (const minute of [1, 2, 3, 3]) {
    fs.writeFileSync(file, 'x');
    fs.writeFileSync(`${file}-wal`, 'x');
    setAside(file, Date.UTC(2026, 5, 1, 0, minute));
  }
  t.same(fs.readdirSync(folder).sort(), [
    'state.sqlite.damaged-20260601T000300000Z',
    'state.sqlite.damaged-20260601T000300000Z-2',
    'state.sqlite.damaged-20260601T000300000Z-2-wal',
    'state.sqlite.damaged-20260601T000300000Z-wal',
  ]);
});

t.test('the structure check finds a damaged page that no query reads', async (t) => {
  const file = path.join(t.testdir(), 'state.sqlite');
  const db = openStateFile(file, LAYOUT, () => undefined);
  const insert = db.prepare('INSERT INTO words VALUES (?)');
  for (let i = 0; i < 5_000; i++) insert.run(`word ${i}`.padEnd(40));
  db.close();
  const { signal } = new AbortController();
  await t.resolves(checkStructureInBackground(file, signal));
  const descriptor = fs.openSync(file, 'r+');
  fs.writeSync(descriptor, Buffer.alloc(4096), 0, 4096, 4096 * 20);
  fs.closeSync(descriptor);
  await t.rejects(checkStructureInBackground(file, signal), { code: 'state_damaged' });
  fs.writeFileSync(file, 'rubbish '.repeat(1_000));
  await t.rejects(checkStructureInBackground(file, signal), { code: 'state_damaged' });
  fs.rmSync(file);
  await t.rejects(checkStructureInBackground(file, signal), { code: 'state_damaged' }, 'it is gone');
  await t.rejects(checkStructureInBackground(file, AbortSignal.abort()), { name: 'AbortError' });
});

t.test('the watch notices a file that is removed, replaced or overwritten while it is in use', async (t) => {
  const faults: Record<string, (file: string) => void> = {
    removed: (file) => fs.rmSync(file),
    replaced: (file) => {
      fs.copyFileSync(file, `${file}.copy`);
      fs.renameSync(`${file}.copy`, file);
    },
    overwritten: (file) => {
      const descriptor = fs.openSync(file, 'r+');
      fs.writeSync(descriptor, Buffer.alloc(100, 'x'), 0, 100, 0);
      fs.closeSync(descriptor);
    },
  };
  for (const [what, harm] of Object.entries(faults)) {
    const file = path.join(t.testdir(), 'state.sqlite');
    const db = openStateFile(file, LAYOUT, () => undefined);
    const lost = Promise.withResolvers<string>();
    const stop = watchStateFile(file, lost.resolve);
    // Writes of SQLite are not reported.
    db.exec("INSERT INTO words VALUES ('new')");
    db.pragma('wal_checkpoint(TRUNCATE)');
    harm(file);
    // The timer of the watch does not keep the process alive.
    const alive = setInterval(() => undefined, 1_000);
    t.match(await lost.promise, what);
    clearInterval(alive);
    db.close();
    stop();
  }
});

t.test('first writes of SQLite to a new file are not reported as damage', async (t) => {
  const folder = t.testdir();
  const file = path.join(folder, 'state.sqlite');
  const db = openStateFile(file, LAYOUT, () => undefined);
  // The state after a process was killed before SQLite wrote the log into the file.
  const killed = path.join(folder, 'killed.sqlite');
  fs.writeFileSync(killed, '');
  const raw = openForWriting(killed, identify(killed));
  raw.exec(LAYOUT.schema);
  raw.pragma('user_version = 1');
  const copy = path.join(folder, 'copy.sqlite');
  for (const suffix of ['', '-wal']) fs.copyFileSync(killed + suffix, copy + suffix);
  raw.close();
  const copied = openStateFile(copy, LAYOUT, () => undefined);
  for (const [opened, name] of [
    [db, file],
    [copied, copy],
  ] as const) {
    const before = headerOf(name);
    opened.exec("INSERT INTO words VALUES ('new')");
    opened.pragma('wal_checkpoint(TRUNCATE)');
    t.same(headerOf(name), before);
    opened.close();
  }
});

/** The bytes that `watchStateFile` compares. */
function headerOf(file: string): Buffer[] {
  const bytes = fs.readFileSync(file);
  return [bytes.subarray(0, 24), bytes.subarray(56, 64)];
}

t.test('a reader sees the last commit while a transaction is open', async (t) => {
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

/** Drops root's permissions, when the test runs as root. The folder then belongs to the new user. */
function dropRights(folder: string): () => void {
  const NOBODY = 65_534;
  if (process.geteuid?.() !== 0) return () => undefined;
  fs.chownSync(folder, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  return () => process.seteuid?.(0);
}

t.test('another file in the place of an open one is not opened', async (t) => {
  const file = path.join(t.testdir(), 'state.sqlite');
  const db = openStateFile(file, LAYOUT, () => undefined);
  const opened = identify(file);
  fs.copyFileSync(file, `${file}.copy`);
  fs.renameSync(`${file}.copy`, file);
  const replaced = { code: 'state_damaged', message: /replaced/ };
  t.throws(() => openForReading(file, opened), replaced);
  t.throws(() => openForWriting(file, opened), replaced);
  t.throws(() => checkStructure(file, opened), replaced);
  t.ok(fs.statSync(`${file}-shm`).size > 3, 'the index of the log, which both files share, is whole');
  db.close();
});
