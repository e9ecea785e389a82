import fs from 'node:fs';
import path from 'node:path';
import { isPassedOver } from '@landfall/contracts/text/passed-over';
import t, { type Test } from 'tap';
import { makeChangeRecorder } from '../bucket-changes.contract.ts';
import { directoryStore } from '../directory-store.ts';
import { list } from '../object-store.contract.ts';
import { StoreError } from '../object-store.ts';
import { dropPrivileges, makeRoot } from './_unprivileged.ts';
import { watchDirectory } from './watch/watch.ts';

dropPrivileges(t);

t.test('a file without read permission is an error of that file', async (t) => {
  const { root, store, file } = make(t);
  for (const key of ['1.csv', '2.csv', '3.csv']) fs.writeFileSync(file(key), 'x\n');
  fs.chmodSync(file('2.csv'), 0);
  const listed = await list(store, 'bucket');
  const found: unknown[] = [];
  await store.readEach('bucket', listed, { maxBytes: 10, concurrency: 1 }, (key, read) => {
    found.push([key, read instanceof StoreError ? read.code : 'read']);
  });
  t.same(found, [
    ['1.csv', 'read'],
    ['2.csv', 'access_denied'],
    ['3.csv', 'read'],
  ]);
  for (const call of [store.read('bucket', '2.csv', 1), store.open('bucket', '2.csv')]) {
    const error = await call.catch((error) => error);
    t.match(error, { code: 'access_denied', message: 'bucket/2.csv: EACCES: permission denied' });
    t.notMatch(error.message, root, 'without the path');
    t.match(error.cause.message, root, 'which the cause has');
  }
});

t.test('files of a folder with search but without list permission are read', async (t) => {
  const { store, file } = make(t);
  fs.mkdirSync(file('a'));
  const keys = ['a/1.csv', 'a/2.csv', 'a/3.csv'];
  for (const key of keys) fs.writeFileSync(file(key), 'x\n');
  const listed = await list(store, 'bucket');
  fs.chmodSync(file('a'), 0o111);
  const found: string[] = [];
  await store.readEach('bucket', listed, { maxBytes: 10, concurrency: 1 }, (key, read) => {
    if (!(read instanceof StoreError)) found.push(key);
  });
  t.same(found, keys);
});

t.test('a folder that cannot be read is an entry with a fault; the listing continues', async (t) => {
  const { store, file } = make(t);
  for (const folder of ['a', 'b/c', 'd', 'e']) fs.mkdirSync(file(folder), { recursive: true });
  for (const key of ['a-b.csv', 'a/1.csv', 'b/c/2.csv', 'b/c.csv', 'd/4.csv', 'e/3.csv', 'z.csv'])
    fs.writeFileSync(file(key), 'x\n');
  fs.chmodSync(file('a'), 0);
  fs.chmodSync(file('b/c'), 0o111);
  fs.chmodSync(file('d'), 0o444);
  const listed = async (prefix?: string) =>
    (await list(store, 'bucket', prefix)).map(({ key, fault }) => [key, fault?.code]);
  t.same(await listed(), [
    ['a-b.csv', undefined],
    ['a/', 'unreadable'],
    ['b/c.csv', undefined],
    ['b/c/', 'unreadable'],
    ['d/', 'unreadable'],
    ['e/3.csv', undefined],
    ['z.csv', undefined],
  ]);
  const [, { fault } = {}] = await list(store, 'bucket');
  t.equal(fault?.detail, 'EACCES: permission denied');
  t.same(await listed('e/'), [['e/3.csv', undefined]]);
  for (const prefix of ['a/', 'a/1', 'd/', 'b/c/2'])
    await t.rejects(listed(prefix), { code: 'access_denied' }, `${prefix}: nothing that is wanted is listed`);
  await t.rejects(store.head('bucket', 'd/4.csv'), { code: 'access_denied' });
  await t.rejects(store.read('bucket', 'a/1.csv', 1), { code: 'access_denied' });
});

t.test('only the bucket’s folder can fail a listing', async (t) => {
  const { store, file } = make(t);
  fs.writeFileSync(file('1.csv'), 'x\n');
  for (const mode of [0, 0o111, 0o444]) {
    fs.chmodSync(file(''), mode);
    await t.rejects(list(store, 'bucket'), { code: 'access_denied' }, mode.toString(8));
  }
  await t.rejects(store.read('bucket', '1.csv', 1), { code: 'access_denied' });
});

t.test('a write without permission leaves the old object and no partial file', async (t) => {
  const { store, file } = make(t);
  await store.put('bucket', 'a/1.csv', Buffer.from('old'));
  fs.chmodSync(file('a'), 0o555);
  await t.rejects(store.put('bucket', 'a/1.csv', Buffer.from('new')), { code: 'access_denied' });
  await t.rejects(store.remove('bucket', 'a/1.csv'), { code: 'access_denied' });
  t.equal(fs.readFileSync(file('a/1.csv'), 'utf8'), 'old');
  t.same(fs.readdirSync(file('.landfall-partial')), []);
  fs.chmodSync(file('.landfall-partial'), 0o555);
  await t.rejects(store.put('bucket', '2.csv', Buffer.from('new')), { code: 'access_denied' });
  await store.createBucket('bucket');
});

t.test('an event in a folder that cannot be read does not end the watch', async (t) => {
  const { file, changes, errors } = await watched(t, (file) => fs.mkdirSync(file('team')));
  await changes.afterAll(async () => {
    fs.writeFileSync(file('team/a.csv'), 'x');
    // Before the event of the file is looked at.
    fs.chmodSync(file('team'), 0o600);
  });
  await changes.after('1.csv', async () => fs.writeFileSync(file('1.csv'), 'x'));
  t.match(errors, [{ code: 'EACCES' }]);
  fs.chmodSync(file('team'), 0);
  await changes.after('2.csv', async () => fs.writeFileSync(file('2.csv'), 'x'));
  fs.chmodSync(file('team'), 0o700);
  await changes.after('team/b.csv', async () => fs.writeFileSync(file('team/b.csv'), 'x'));
  t.equal(errors.length, 1);
});

t.test('a folder that cannot be watched is reported once and watched later', async (t) => {
  const { file, changes, errors } = await watched(t, (file) => fs.mkdirSync(file('closed'), { mode: 0 }));
  t.match(errors, [{ code: 'EACCES' }]);
  for (const key of ['1.csv', '2.csv'])
    await changes.after(key, async () => fs.writeFileSync(file(key), 'x'));
  t.equal(errors.length, 1);
  await changes.afterAll(async () => fs.chmodSync(file('closed'), 0o755));
  await changes.after('closed/1.csv', async () => fs.writeFileSync(file('closed/1.csv'), 'x'));
  t.equal(errors.length, 1);
  fs.chmodSync(file('closed'), 0);
  await changes.afterAll(async () => fs.renameSync(file('closed'), file('moved')));
  t.equal(errors.length, 2, 'one that is closed again, and moved, is another fault');
});

t.test('a bucket that cannot be read at the start is watched once it is readable', async (t) => {
  const { file, changes, errors } = await watched(t, (file) => fs.chmodSync(file(''), 0));
  t.match(errors, [{ code: 'EACCES' }]);
  await changes.afterAll(async () => fs.chmodSync(file(''), 0o755));
  await changes.after('1.csv', async () => fs.writeFileSync(file('1.csv'), 'x'));
  t.equal(errors.length, 1);
});

t.test('unreadable folders of tools are not reported', async (t) => {
  const { file, changes, errors } = await watched(t, (file) => fs.mkdirSync(file('lost+found'), { mode: 0 }));
  await changes.after('1.csv', async () => fs.writeFileSync(file('1.csv'), 'x'));
  t.same(errors, []);
});

function make(t: Test) {
  const root = makeRoot(t);
  fs.mkdirSync(path.join(root, 'bucket'));
  return { root, store: directoryStore(root), file: (key: string) => path.join(root, 'bucket', key) };
}

async function watched(t: Test, prepare: (file: (key: string) => string) => void = () => undefined) {
  const { root, file } = make(t);
  prepare(file);
  const [changes, errors] = [makeChangeRecorder(), [] as Error[]];
  const watch = watchDirectory(root, 'bucket', isPassedOver, changes.record, (error) => errors.push(error));
  t.teardown(watch.stop);
  await watch.ready;
  return { file, changes, errors };
}
