import fs from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { directoryStore } from '../directory-store.ts';
import { list } from '../object-store.contract.ts';
import { type ReadObject, StoreError } from '../object-store.ts';

const SIZE = 1_000_000;

t.test('streaming a file that changes ends in an error, never in mixed bytes', async (t) => {
  const { store, file } = make(t);
  const changes: [string, (file: string) => void][] = [
    ['truncated', (file) => fs.truncateSync(file, 70_000)],
    ['emptied', (file) => fs.truncateSync(file, 0)],
    ['longer', (file) => fs.appendFileSync(file, 'x')],
    ['overwritten in place', (file) => fs.writeFileSync(file, Buffer.alloc(SIZE, 'b'))],
    ['overwritten with a longer one', (file) => fs.writeFileSync(file, Buffer.alloc(2 * SIZE, 'b'))],
  ];
  for (const [name, change] of changes) {
    fs.writeFileSync(file('a.png'), Buffer.alloc(SIZE, 'a'));
    // The times of files have some milliseconds: this one was written some time ago.
    fs.utimesSync(file('a.png'), 1, 1);
    const { body, size } = await store.open('bucket', 'a.png');
    let sent = 0;
    const error = await (async () => {
      for await (const chunk of body) {
        if (sent === 0) change(file('a.png'));
        sent += chunk.length;
      }
    })().catch((error) => error);
    t.match(error, { code: 'unreadable', message: 'bucket/a.png was written to while it was read' }, name);
    t.ok(error instanceof StoreError && sent < size, `${name}: ${sent} bytes were sent`);
  }
});

t.test('a file that is replaced, renamed or removed while it is streamed is sent completely', async (t) => {
  const { store, file } = make(t);
  const changes = [
    () => store.put('bucket', 'a.png', Buffer.from('new')),
    async () => fs.renameSync(file('a.png'), file('b.png')),
    async () => fs.rmSync(file('a.png')),
  ];
  for (const change of changes) {
    fs.writeFileSync(file('a.png'), Buffer.alloc(SIZE, 'a'));
    const { body } = await store.open('bucket', 'a.png');
    await change();
    t.ok((await buffer(body)).equals(Buffer.alloc(SIZE, 'a')));
  }
});

t.test('an unread stream closes its file', async (t) => {
  const { store, file } = make(t);
  fs.writeFileSync(file('a.png'), Buffer.alloc(SIZE, 'a'));
  const open = () => fs.readdirSync('/proc/self/fd').length;
  const before = open();
  const bodies = await Promise.all(Array.from({ length: 20 }, () => store.open('bucket', 'a.png')));
  for (const [i, { body }] of bodies.entries()) {
    if (i % 2) body.read();
    body.destroy();
    await new Promise((resolve) => body.once('close', resolve));
  }
  t.equal(open(), before);
});

t.test('a read returns one version', async (t) => {
  const { store, file } = make(t);
  fs.writeFileSync(file('a.csv'), 'one\n');
  const listed = await list(store, 'bucket');
  for (const content of ['longer than it was\n', 's\n', '', 'x'.repeat(100)]) {
    fs.writeFileSync(file('a.csv'), content);
    const [read] = await readEach(store, 'bucket', listed);
    t.equal(read?.text, content.slice(0, 20));
    t.equal(read?.size, content.length);
    t.equal(read?.etag, (await store.head('bucket', 'a.csv'))?.etag, 'and that of its own version');
  }
  fs.rmSync(file('a.csv'));
  fs.mkdirSync(file('a.csv'));
  t.same(await readEach(store, 'bucket', listed), [{ code: 'not_found' }], 'a folder took its place');
});

t.test('only a possibly incomplete file has its modification time', async (t) => {
  const { store, file } = make(t);
  const cases: [string, boolean][] = [
    ['whole\n', false],
    ['whole\r\n', false],
    ['whole\r', false],
    ['half', true],
    ['', true],
    ['longer than is read', false],
  ];
  for (const [content, isSet] of cases) {
    fs.writeFileSync(file('a.csv'), content);
    fs.utimesSync(file('a.csv'), 1_000, 1_000);
    const modified = isSet ? 1_000_000 : undefined;
    t.equal((await store.read('bucket', 'a.csv', 10)).modified, modified, JSON.stringify(content));
    const listed = await list(store, 'bucket');
    t.equal((await readEach(store, 'bucket', listed, 10))[0]?.modified, modified);
  }
});

t.test('a file with a wrong size returns at most that many bytes', async (t) => {
  // Linux says of these that they are empty, and gives bytes all the same.
  const proc = directoryStore('/proc');
  const key = 'environ';
  t.match(await readEach(proc, 'self', [{ key, size: 0, etag: 'x' }]), [{ size: 0, text: '' }]);
  t.equal((await proc.read('self', key, 100)).bytes.length, 0);
  const opened = await proc.open('self', key);
  t.same([opened.size, (await buffer(opened.body)).length], [0, 0]);
  // And of these that they are a page.
  const sys = directoryStore('/sys');
  const error = await sys.read('kernel', 'fscaps', 100).catch((error) => error);
  t.match(error, { code: 'unreadable' });
});

/** What `readEach` gives, with the bytes as text. */
async function readEach(
  store: ReturnType<typeof directoryStore>,
  bucket: string,
  objects: readonly { key: string; size: number; etag: string }[],
  maxBytes = 20,
) {
  const found: (Partial<ReadObject> & { text?: string; code?: string })[] = [];
  await store.readEach(bucket, objects, { maxBytes, concurrency: 1 }, (_, read) => {
    if (read instanceof StoreError) return void found.push({ code: read.code });
    const { bytes, ...rest } = read;
    found.push({ ...rest, text: Buffer.from(bytes).toString() });
  });
  return found;
}

function make(t: Test) {
  const root = t.testdir({ bucket: {} });
  return { store: directoryStore(root), file: (key: string) => path.join(root, 'bucket', key) };
}
