import fs from 'node:fs';
import path from 'node:path';
import { USERS } from '@landfall/contracts/dataset/users';
import { passedOverFolderTest } from '@landfall/contracts/definition/passed-over-keys';
import { isPassedOver } from '@landfall/contracts/text/passed-over';
import t, { type Test } from 'tap';
import { bucketChangesContract, makeChangeRecorder } from '../../bucket-changes.contract.ts';
import { directoryStore } from '../../directory-store.ts';
import { watchDirectory } from './watch.ts';

const BUCKET = 'src-data';
/** For a data set whose records are in a folder with such a name. */
const isPassedOverHere = passedOverFolderTest({ ...USERS, records: '.archive/{user_id}.csv' });

t.test('contract of bucket changes', async (t) =>
  bucketChangesContract(t, async (t) => {
    const { root, changes } = await watched(t);
    return { store: directoryStore(root), bucket: BUCKET, otherBucket: 'other', changes };
  }),
);

t.test('changes of files are reported', async (t) => {
  const { file, changes } = await watched(t);
  await changes.after('a.csv', async () => fs.writeFileSync(file('a.csv'), 'x'));
  await changes.after('a.csv', async () => fs.appendFileSync(file('a.csv'), 'y'));
  await changes.after('b.csv', async () => fs.renameSync(file('a.csv'), file('b.csv')));
  await changes.after('b.csv', async () => fs.rmSync(file('b.csv')));
  t.notOk(changes.has('a.csv'));
});

t.test('a burst reports every key, or that the keys are unknown', async (t) => {
  for (const files of [1_000, 20_000]) {
    const { file, changes } = await watched(t);
    const keys = Array.from({ length: files }, (_, i) => `${i}.csv`);
    for (const key of keys) fs.writeFileSync(file(key), 'x');
    await changes.all(keys);
    t.pass(`${files} files`);
  }
});

t.test('nothing is missed in new folders of any depth', async (t) => {
  const { file, changes } = await watched(t);
  await changes.after('a', async () => {
    fs.mkdirSync(file('a/b/c'), { recursive: true });
    fs.writeFileSync(file('a/b/c/7.csv'), 'x');
  });
  await changes.after('a/b/c/8.csv', async () => fs.writeFileSync(file('a/b/c/8.csv'), 'x'));
  await changes.after('z/b/c/7.csv', async () => fs.renameSync(file('a'), file('z')));
  await changes.after('z/b/c/9.csv', async () => fs.writeFileSync(file('z/b/c/9.csv'), 'x'));
  await changes.after('z', async () => fs.rmSync(file('z'), { recursive: true }));
  t.pass('all reported');
});

t.test('an existing folder is watched, a link to one is not', async (t) => {
  const elsewhere = t.testdir({ '1.csv': 'x' });
  const { file, changes } = await watched(t, (file) => {
    fs.mkdirSync(file('old'));
    fs.symlinkSync(elsewhere, file('link'));
  });
  await changes.after('old/1.csv', async () => fs.writeFileSync(file('old/1.csv'), 'x'));
  fs.writeFileSync(path.join(elsewhere, '2.csv'), 'x');
  await changes.after('old/2.csv', async () => fs.writeFileSync(file('old/2.csv'), 'x'));
  t.notOk(changes.has('link/2.csv'));
});

t.test('partial files are not reported', async (t) => {
  const { root, changes } = await watched(t);
  const store = directoryStore(root);
  await changes.after('1.csv', () => store.put(BUCKET, '1.csv', Buffer.from('x')));
  await changes.after('2.csv', () => store.put(BUCKET, '2.csv', Buffer.from('x')));
  t.notOk(changes.has('.landfall-partial'));
});

t.test('a bucket that is removed and created again is watched again', async (t) => {
  const { file, changes } = await watched(t);
  await changes.after('new.csv', async () => {
    fs.rmSync(file(''), { recursive: true });
    fs.mkdirSync(file(''));
    fs.writeFileSync(file('new.csv'), 'x');
  });
  await changes.after('newer.csv', async () => fs.writeFileSync(file('newer.csv'), 'x'));
  t.pass('reported');
});

t.test('after stop, nothing is reported', async (t) => {
  const { file, changes, watch } = await watched(t);
  const again = makeChangeRecorder();
  const other = watchDirectory(path.dirname(file('')), BUCKET, isPassedOver, again.record, (error) =>
    t.error(error),
  );
  t.teardown(other.stop);
  await other.ready;
  watch.stop();
  await again.after('1.csv', async () => fs.writeFileSync(file('1.csv'), 'x'));
  t.notOk(changes.has('1.csv'));
});

async function watched(t: Test, prepare: (file: (key: string) => string) => void = () => undefined) {
  const root = t.testdir({ [BUCKET]: {}, other: {} });
  const file = (key: string) => path.join(root, BUCKET, key);
  prepare(file);
  const changes = makeChangeRecorder();
  const watch = watchDirectory(root, BUCKET, isPassedOverHere, changes.record, (error) => t.error(error));
  t.teardown(watch.stop);
  await watch.ready;
  return { root, file, changes, watch };
}
