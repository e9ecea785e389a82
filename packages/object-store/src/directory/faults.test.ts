import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { directoryStore } from '../directory-store.ts';
import { list } from '../object-store.contract.ts';
import { StoreError } from '../object-store.ts';

const DIRECTORY = new URL('../directory-store.ts', import.meta.url);
const run = promisify(execFile);

t.test('one of several processes that create the same object succeeds', async (t) => {
  const { root, store } = make(t);
  const keys = Array.from({ length: 60 }, (_, i) => `folder/${i}`);
  // They start together, and go through the keys in the same order.
  const code = `
    const { directoryStore } = await import('${DIRECTORY}');
    const { existsSync, writeFileSync } = await import('node:fs');
    const store = directoryStore(${JSON.stringify(root)});
    writeFileSync(${JSON.stringify(root)} + '/ready-' + process.pid, '');
    while (!existsSync(${JSON.stringify(root)} + '/go'));
    const won = [];
    for (const key of ${JSON.stringify(keys)}) {
      const put = store.put('bucket', key, Buffer.from(String(process.pid)), { absent: true });
      await put.then(() => won.push(key), (error) => {
        if (error.code !== 'precondition_failed') throw error;
      });
    }
    console.log(JSON.stringify({ pid: process.pid, won }));`;
  const children = Array.from({ length: 3 }, () => node(code));
  while (fs.readdirSync(root).filter((name) => name.startsWith('ready-')).length < children.length)
    await new Promise(setImmediate);
  fs.writeFileSync(path.join(root, 'go'), '');
  const results = (await Promise.all(children)) as { pid: number; won: string[] }[];
  t.same(results.flatMap(({ won }) => won).sort(), keys.toSorted(), 'each is put once');
  for (const { pid, won } of results) {
    for (const key of won) {
      const { bytes } = await store.read('bucket', key, 100);
      if (Buffer.from(bytes).toString() !== String(pid)) t.fail(`${key} is not its winner’s`);
    }
  }
  t.same(fs.readdirSync(path.join(root, 'bucket/.landfall-partial')), []);
});

t.test('an object that another process creates at the last moment is not replaced', async (t) => {
  const { root, store } = make(t);
  await store.put('bucket', 'b', Buffer.from('x'));
  const { linkSync, renameSync } = fs;
  t.teardown(() => Object.assign(fs, { linkSync, renameSync }));
  const putByOther = () => fs.writeFileSync(path.join(root, 'bucket/a'), 'theirs');
  // Right before the new file is put in place, by either way to do it.
  fs.linkSync = (...args) => {
    putByOther();
    linkSync(...args);
  };
  fs.renameSync = (...args) => {
    putByOther();
    renameSync(...args);
  };
  const put = store.put('bucket', 'a', Buffer.from('ours'), { absent: true });
  await t.rejects(put, { code: 'precondition_failed' });
  t.equal(fs.readFileSync(path.join(root, 'bucket/a'), 'utf8'), 'theirs');
});

t.test('a failed conditional put changes nothing', async (t) => {
  const { root, store } = make(t);
  const put = (condition: { absent: true } | { etag: string }) =>
    store.put('bucket', 'a', Buffer.from('new'), condition);
  await t.rejects(put({ etag: 'x' }), { code: 'precondition_failed' }, 'no object has this ETag');
  const { etag } = await put({ absent: true });
  t.equal((await store.head('bucket', 'a'))?.etag, etag);
  await t.rejects(put({ absent: true }), { code: 'precondition_failed' });
  const next = await put({ etag });
  await t.rejects(put({ etag }), { code: 'precondition_failed' });
  t.equal((await store.head('bucket', 'a'))?.etag, next.etag);
  fs.mkdirSync(path.join(root, 'bucket/folder'));
  const inTheWay = store.put('bucket', 'folder', Buffer.from('x'), { absent: true });
  await t.rejects(inTheWay, { code: 'invalid_key' });
  fs.symlinkSync('nowhere', path.join(root, 'bucket/link'));
  await store.put('bucket', 'link', Buffer.from('x'), { absent: true });
  t.equal((await store.head('bucket', 'link'))?.size, 1, 'a dangling link is not an object');
  t.equal(await store.supportsConditions('bucket'), true);
  await t.rejects(store.supportsConditions('other'), { code: 'bucket_not_found' });
  t.same(fs.readdirSync(path.join(root, 'bucket/.landfall-partial')), []);
});

t.test('a full disk leaves the old object and no partial file', async (t) => {
  const { root, store } = make(t);
  await store.put('bucket', 'a', Buffer.from('old'));
  // A limit on the size of files stands for the full disk: the write fails half-way all the same.
  const code = `
    const { directoryStore } = await import('${DIRECTORY}');
    const { Readable } = await import('node:stream');
    const store = directoryStore(${JSON.stringify(root)});
    // The signal of that limit would end the process.
    process.on('SIGXFSZ', () => undefined);
    const chunk = Buffer.alloc(100_000);
    const errors = [];
    const open = () => Readable.from([chunk, chunk, chunk]);
    for (const content of [chunk, { open, size: 300_000 }])
      await store.put('bucket', 'a', content).catch(({ code, message }) => errors.push([code, message]));
    console.log(JSON.stringify(errors));`;
  const error = ['unavailable', 'bucket/a: EFBIG: file too large'];
  t.same(await node(code, '--fsize=65536'), [error, error]);
  t.equal(fs.readFileSync(path.join(root, 'bucket/a'), 'utf8'), 'old');
  t.same(fs.readdirSync(path.join(root, 'bucket/.landfall-partial')), []);
});

t.test('running out of descriptors is an error of the store, not of an object', async (t) => {
  const { root, store } = make(t);
  await store.put('bucket', 'in/a', Buffer.from('x'));
  const code = `
    const { directoryStore } = await import('${DIRECTORY}');
    const { openSync } = await import('node:fs');
    const store = directoryStore(${JSON.stringify(root)});
    const calls = [
      () => store.read('bucket', 'in/a', 1),
      () => store.open('bucket', 'in/a'),
      () => store.readEach('bucket', [{ key: 'in/a', size: 1, etag: 'x' }], { maxBytes: 1, concurrency: 1 }, () => {}),
      () => store.put('bucket', 'in/a', Buffer.from('y')),
      async () => { for await (const page of store.list('bucket')); },
    ];
    try { for (;;) openSync('/dev/null'); } catch {}
    const errors = [];
    for (const call of calls) await call().catch(({ code, message }) => errors.push([code, message]));
    console.log(JSON.stringify(errors));`;
  const errors = await node(code, '--nofile=64');
  t.match(
    errors,
    Array.from({ length: 5 }, () => ['unavailable', /^bucket\/.*: EMFILE: too many open files$/]),
  );
});

t.test('an unreadable source of a put is not an error of the object', async (t) => {
  const { root, store } = make(t);
  const open = () => fs.createReadStream(path.join(root, 'none'));
  const error = await store.put('bucket', 'a', { open, size: 1 }).catch((error) => error);
  t.match(error, { code: 'unavailable', message: /^what was to be put into bucket\/a .*: ENOENT: no such/ });
  t.notMatch(error.message, root);
  const short = store.put('bucket', 'a', { open: () => Readable.from([Buffer.from('x')]), size: 2 });
  await t.rejects(short, { code: 'unavailable', message: /1 bytes instead of 2/ });
  t.same(fs.readdirSync(path.join(root, 'bucket/.landfall-partial')), []);
});

t.test('a file with the name of a bucket is not a bucket', async (t) => {
  const { root, store } = make(t);
  fs.writeFileSync(path.join(root, 'file'), 'x');
  const code = 'bucket_not_found';
  await t.rejects(list(store, 'file'), { code });
  await t.rejects(store.read('file', 'a.csv', 1), { code });
  await t.rejects(store.head('file', 'a.csv'), { code });
  await t.rejects(store.put('file', 'a.csv', Buffer.from('x')), { code });
  await t.rejects(store.remove('file', 'a.csv'), { code });
  await t.rejects(store.createBucket('file'), { code: 'unavailable' });
});

t.test('removing something that is not an object changes nothing', async (t) => {
  const { root, store } = make(t);
  await store.put('bucket', 'a/b', Buffer.from('x'));
  for (const key of ['a', 'none', 'no/ne', 'a/b/c']) await store.remove('bucket', key);
  t.ok(fs.existsSync(path.join(root, 'bucket/a/b')));
  await t.rejects(store.remove('bucket', 'x'.repeat(300)), { code: 'invalid_key' });
  await t.rejects(store.read('bucket', 'lone \ud800', 1), { code: 'invalid_key' });
  const error = await store.copy('bucket', 'none', 'a/b').catch((error) => error);
  t.ok(error instanceof StoreError && error.code === 'not_found');
});

/** Runs code in a process of its own, within limits of prlimit(1), and gives back what it printed as JSON. */
async function node(code: string, ...limits: string[]): Promise<unknown> {
  const args = ['--input-type=module', '-e', code];
  const { stdout } = await (limits.length > 0
    ? run('prlimit', [...limits, process.execPath, ...args])
    : run(process.execPath, args));
  return JSON.parse(stdout);
}

function make(t: Test) {
  const root = t.testdir({ bucket: {} });
  return { root, store: directoryStore(root) };
}
