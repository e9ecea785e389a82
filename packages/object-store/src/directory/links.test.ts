import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { directoryStore } from '../directory-store.ts';
import { list } from '../object-store.contract.ts';
import { StoreError } from '../object-store.ts';

const SECRET = 'what nobody may read\n';

t.test('a link to a file in the bucket is that file', async (t) => {
  const { store, file } = make(t);
  fs.mkdirSync(file('a/b'), { recursive: true });
  fs.writeFileSync(file('a/b/1.csv'), 'one\n');
  fs.symlinkSync('a/b/1.csv', file('relative.csv'));
  fs.symlinkSync(file('a/b/1.csv'), file('absolute.csv'));
  fs.symlinkSync('../../relative.csv', file('a/b/chain.csv'));
  const listed = await list(store, 'bucket');
  t.same(
    listed.map(({ key, size, fault }) => [key, size, fault]),
    ['a/b/1.csv', 'a/b/chain.csv', 'absolute.csv', 'relative.csv'].map((key) => [key, 4, undefined]),
  );
  for (const { key, etag } of listed) {
    t.equal(Buffer.from((await store.read('bucket', key, 10)).bytes).toString(), 'one\n', key);
    const opened = await store.open('bucket', key);
    t.equal((await buffer(opened.body)).toString(), 'one\n');
    t.same([opened.etag, (await store.head('bucket', key))?.etag], [etag, etag], 'and has its version');
  }
  t.same(await readEach(store, listed), new Map(listed.map(({ key }) => [key, 'one\n'])));
  const before = listed.at(-1)?.etag;
  fs.writeFileSync(file('a/b/1.csv'), 'two\n');
  t.not((await store.head('bucket', 'relative.csv'))?.etag, before, 'which changes with the file');
});

t.test('a link out of the bucket is an entry with a fault and is not read', async (t) => {
  const { store, file, outside } = make(t);
  fs.mkdirSync(file('in'));
  fs.symlinkSync('/dev/null', file('device'));
  fs.symlinkSync(path.dirname(outside), file('folder'));
  fs.symlinkSync(outside, file('in/secret.csv'));
  fs.symlinkSync('/proc/self/environ', file('proc.png'));
  fs.symlinkSync('../outside/secret.csv', file('relative.csv'));
  fs.symlinkSync(outside, file('secret.csv'));
  fs.symlinkSync('secret.csv', file('twice.csv'));
  const listed = await list(store, 'bucket');
  t.same(
    listed.map(({ key, size, fault }) => [key, size, fault?.code]),
    ['device', 'folder', 'in/secret.csv', 'proc.png', 'relative.csv', 'secret.csv', 'twice.csv'].map(
      (key) => [key, 0, 'outside_bucket'],
    ),
  );
  for (const { key, fault } of listed) {
    t.notMatch(fault?.detail, '/', 'the detail has no path');
    const message = new RegExp(`^${fault?.detail}$`);
    await t.rejects(store.head('bucket', key), { message }, 'all methods give the same words');
    await t.rejects(store.read('bucket', key, 1), { message });
    await refused(t, store, key);
  }
});

t.test('a dangling link is not an object', async (t) => {
  const { store, file } = make(t);
  fs.mkdirSync(file('in'));
  fs.symlinkSync('self.csv', file('self.csv'));
  fs.symlinkSync('two.csv', file('one.csv'));
  fs.symlinkSync('one.csv', file('two.csv'));
  fs.symlinkSync('none.csv', file('dangling.csv'));
  fs.symlinkSync('/none/at/all.csv', file('far.csv'));
  fs.symlinkSync('.', file('in/circle'));
  fs.symlinkSync('in', file('folder.csv'));
  fs.symlinkSync('loop', file('loop'));
  t.same(await list(store, 'bucket'), []);
  for (const key of [
    'self.csv',
    'one.csv',
    'dangling.csv',
    'far.csv',
    'folder.csv',
    'loop/1.csv',
    'in/circle',
  ]) {
    t.equal(await store.head('bucket', key), undefined, key);
    await t.rejects(store.read('bucket', key, 1), { code: 'not_found' }, key);
    await t.rejects(store.open('bucket', key), { code: 'not_found' }, key);
  }
});

t.test('no folder of a key can lead out of the bucket', async (t) => {
  const { store, file, outside } = make(t);
  fs.symlinkSync(path.dirname(outside), file('folder'));
  await refused(t, store, 'folder/secret.csv');
  fs.mkdirSync(file('in'));
  fs.symlinkSync('../../outside', file('in/deeper'));
  await refused(t, store, 'in/deeper/secret.csv');
  for (const key of ['folder/new.csv', 'folder/new/1.csv', 'in/deeper/new.csv']) {
    await t.rejects(store.put('bucket', key, Buffer.from('x')), { code: 'outside_bucket' }, key);
  }
  await t.rejects(store.remove('bucket', 'folder/secret.csv'), { code: 'outside_bucket' });
  t.same(fs.readdirSync(path.dirname(outside)), ['secret.csv'], 'nothing was written or removed there');
  t.same(fs.readdirSync(file('.landfall-partial')), []);
});

t.test('replacing a folder by a link during a bulk read reads nothing outside', async (t) => {
  const { store, file, outside } = make(t);
  fs.mkdirSync(file('a'));
  for (const name of ['1.csv', '2.csv', '3.csv']) fs.writeFileSync(file(`a/${name}`), 'public\n');
  fs.copyFileSync(outside, path.join(path.dirname(outside), '2.csv'));
  const listed = await list(store, 'bucket');
  const found: unknown[] = [];
  await store.readEach('bucket', listed, { maxBytes: 100, concurrency: 1 }, (key, read) => {
    found.push([key, read instanceof StoreError ? read.code : Buffer.from(read.bytes).toString()]);
    if (key !== 'a/1.csv') return;
    fs.renameSync(file('a'), file('b'));
    fs.symlinkSync(path.dirname(outside), file('a'));
  });
  t.same(found, [
    ['a/1.csv', 'public\n'],
    ['a/2.csv', 'outside_bucket'],
    ['a/3.csv', 'outside_bucket'],
  ]);
});

t.test('replacing a listed file by a link reads nothing outside', async (t) => {
  const { store, file, outside } = make(t);
  fs.writeFileSync(file('1.csv'), SECRET);
  const listed = await list(store, 'bucket');
  fs.rmSync(file('1.csv'));
  fs.symlinkSync(outside, file('1.csv'));
  t.same(await readEach(store, listed), new Map([['1.csv', 'outside_bucket']]));
});

t.test('pipes and sockets are not objects and do not block', async (t) => {
  // A socket's path has at most 107 bytes.
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'lf-'));
  t.teardown(() => fs.rmSync(root, { recursive: true }));
  fs.mkdirSync(path.join(root, 'bucket'));
  const [store, file] = [directoryStore(root), (key: string) => path.join(root, 'bucket', key)];
  execFileSync('mkfifo', [file('pipe.csv')]);
  const server = net.createServer().listen(file('socket.csv'));
  t.teardown(() => server.close());
  await once(server, 'listening');
  t.same(await list(store, 'bucket'), []);
  for (const key of ['pipe.csv', 'socket.csv']) {
    t.equal(await store.head('bucket', key), undefined);
    await t.rejects(store.read('bucket', key, 1), { code: 'not_found' }, key);
    await t.rejects(store.open('bucket', key), { code: 'not_found' }, key);
    const listed = { key, size: 0, etag: 'x' };
    t.same(await readEach(store, [listed]), new Map([[key, 'not_found']]));
  }
  fs.symlinkSync('pipe.csv', file('link.csv'));
  t.same(
    (await list(store, 'bucket')).map(({ key, fault }) => [key, fault?.code]),
    [['link.csv', 'outside_bucket']],
    'a link to one is reported',
  );
});

t.test('the bucket’s folder can be a link', async (t) => {
  const { root, outside } = make(t);
  fs.mkdirSync(path.join(root, 'real/in'), { recursive: true });
  fs.symlinkSync('real', path.join(root, 'linked'));
  const store = directoryStore(root);
  await store.put('linked', 'in/1.csv', Buffer.from('one\n'));
  await store.put('linked', '2.csv', Buffer.from('two\n'));
  fs.symlinkSync('in/1.csv', path.join(root, 'real/link.csv'));
  fs.symlinkSync(outside, path.join(root, 'real/out.csv'));
  const listed = async () => (await list(store, 'linked')).map(({ key, fault }) => [key, fault?.code]);
  const all = [
    ['2.csv', undefined],
    ['in/1.csv', undefined],
    ['link.csv', undefined],
    ['out.csv', 'outside_bucket'],
  ];
  t.same(await listed(), all);
  t.equal((await store.read('linked', 'in/1.csv', 10)).size, 4);
  fs.renameSync(path.join(root, 'real'), path.join(root, 'moved'));
  await t.rejects(store.read('linked', 'in/1.csv', 10), { code: 'bucket_not_found' });
  fs.rmSync(path.join(root, 'linked'));
  fs.symlinkSync('moved', path.join(root, 'linked'));
  t.same(await listed(), all, 'one that went and came back is resolved again');
  t.equal((await store.read('linked', 'in/1.csv', 10)).size, 4);
  t.equal((await store.read('linked', 'link.csv', 10)).size, 4);
});

t.test('put and remove replace the link, not its target', async (t) => {
  const { store, file, outside } = make(t);
  for (const key of ['put.csv', 'remove.csv', 'absent.csv']) fs.symlinkSync(outside, file(key));
  await store.put('bucket', 'put.csv', Buffer.from('new'));
  await store.remove('bucket', 'remove.csv');
  const absent = store.put('bucket', 'absent.csv', Buffer.from('x'), { absent: true });
  await t.rejects(absent, { code: 'outside_bucket' });
  t.equal(fs.readFileSync(outside, 'utf8'), SECRET);
  t.equal(fs.readFileSync(file('put.csv'), 'utf8'), 'new');
  t.notOk(fs.existsSync(file('remove.csv')));
});

t.test('a link with the name of the folder for partial files is not followed', async (t) => {
  const { store, file, outside } = make(t);
  fs.symlinkSync(path.dirname(outside), file('.landfall-partial'));
  const yesterday = Date.now() / 1000 - 90_000;
  fs.utimesSync(outside, yesterday, yesterday);
  await store.createBucket('bucket');
  t.equal(fs.readFileSync(outside, 'utf8'), SECRET, 'nothing is swept there');
  await t.rejects(store.put('bucket', '1.csv', Buffer.from('x')), { code: 'unavailable' });
});

/** No method gives or changes anything behind a key that leads out of the bucket. */
async function refused(t: Test, store: ReturnType<typeof directoryStore>, key: string): Promise<void> {
  const code = 'outside_bucket';
  await t.rejects(store.read('bucket', key, 100), { code }, key);
  await t.rejects(store.open('bucket', key), { code }, key);
  await t.rejects(store.head('bucket', key), { code }, key);
  await t.rejects(store.copy('bucket', key, 'copy.csv'), { code }, key);
  t.same(await readEach(store, [{ key, size: SECRET.length, etag: 'x' }]), new Map([[key, code]]));
}

async function readEach(
  store: ReturnType<typeof directoryStore>,
  objects: { key: string; size: number; etag: string }[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  await store.readEach('bucket', objects, { maxBytes: 100, concurrency: 1 }, (key, read) => {
    found.set(key, read instanceof StoreError ? read.code : Buffer.from(read.bytes).toString());
  });
  return found;
}

function make(t: Test) {
  const root = t.testdir({ bucket: {}, outside: { 'secret.csv': SECRET } });
  return {
    root,
    store: directoryStore(root),
    file: (key: string) => path.join(root, 'bucket', key),
    outside: path.join(root, 'outside/secret.csv'),
  };
}
