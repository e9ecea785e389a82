import fs from 'node:fs';
import path from 'node:path';
import { isPassedOver } from '@landfall/contracts/text/passed-over';
import t, { type Test } from 'tap';
import { makeChangeRecorder } from '../../bucket-changes.contract.ts';
import { watchDirectory } from './watch.ts';

t.test('a folder that becomes a file before its event is handled does not end the watch', async (t) => {
  const { file, changes, errors } = await watched(t);
  await changes.after('sub', async () => fs.mkdirSync(file('sub')));
  await changes.after('sub', async () => {
    fs.writeFileSync(file('sub/in.csv'), 'x');
    fs.rmSync(file('sub'), { recursive: true });
    fs.writeFileSync(file('sub'), 'x');
  });
  await changes.after('1.csv', async () => fs.writeFileSync(file('1.csv'), 'x'));
  t.same(errors, [], 'and is no error');
});

t.test('folders deeper than the maximum path length appear and disappear', async (t) => {
  const { file, changes, errors } = await watched(t);
  const cwd = process.cwd();
  t.teardown(() => process.chdir(cwd));
  process.chdir(file(''));
  // By steps: the whole path is longer than PATH_MAX.
  const name = 'd'.repeat(200);
  await changes.after(name, async () => {
    for (let depth = 0; depth < 30; depth++) {
      fs.mkdirSync(name);
      process.chdir(name);
    }
  });
  await changes.after('1.csv', async () => fs.writeFileSync(file('1.csv'), 'x'));
  await changes.after(name, async () => {
    for (let depth = 0; depth < 30; depth++) {
      process.chdir('..');
      fs.rmdirSync(name);
    }
  });
  await changes.after('2.csv', async () => fs.writeFileSync(file('2.csv'), 'x'));
  t.match(errors, [{ code: 'ENAMETOOLONG' }], 'it is said once that one was not watched');
});

t.test('a name that is not UTF-8 reports unknown changes', async (t) => {
  const { file, changes } = await watched(t);
  await changes.afterAll(async () => fs.writeFileSync(bytes(file(''), '4a6f73e92e637376'), 'x'));
  await changes.afterAll(async () => fs.mkdirSync(bytes(file(''), '4dfc6c6c6572')));
  await changes.after('1.csv', async () => fs.writeFileSync(file('1.csv'), 'x'));
  t.pass('and all else is reported');
});

t.test('folders that tools keep for themselves are not watched', async (t) => {
  const { file, changes } = await watched(t, (file) => fs.mkdirSync(file('.sync/old'), { recursive: true }));
  fs.writeFileSync(file('.sync/1.csv'), 'x');
  fs.writeFileSync(file('.sync/old/1.csv'), 'x');
  fs.mkdirSync(file('@eaDir'));
  await changes.after('1.csv', async () => fs.writeFileSync(file('1.csv'), 'x'));
  fs.writeFileSync(file('@eaDir/1.csv'), 'x');
  await changes.after('2.csv', async () => fs.writeFileSync(file('2.csv'), 'x'));
  for (const key of ['.sync/1.csv', '.sync/old/1.csv', '@eaDir/1.csv']) t.notOk(changes.has(key), key);
});

t.test('an error of the listener is reported and does not end the watch', async (t) => {
  const { root } = make(t);
  const [changes, errors] = [makeChangeRecorder(), [] as Error[]];
  let isFirst = true;
  const watch = watchDirectory(
    root,
    'bucket',
    isPassedOver,
    (keys) => {
      changes.record(keys);
      if (isFirst) throw new Error('no bus');
    },
    (error) => {
      isFirst = false;
      errors.push(error);
      throw new Error('no log either');
    },
  );
  t.teardown(watch.stop);
  await watch.ready;
  await changes.after('1.csv', async () => fs.writeFileSync(path.join(root, 'bucket/1.csv'), 'x'));
  await changes.afterAll(async () => undefined);
  t.match(errors, [{ message: 'no bus' }], 'and what was lost is reported as a change of everything');
});

t.test('removing thousands of folders does not block the event loop', async (t) => {
  const { file, changes } = await watched(t, (file) => {
    for (let i = 0; i < 3_000; i++) fs.mkdirSync(file(`many/${i}`), { recursive: true });
  });
  await changes.afterAll(async () => fs.rmSync(file('many'), { recursive: true }));
  await changes.after('1.csv', async () => fs.writeFileSync(file('1.csv'), 'x'));
  await changes.after('many/new/1.csv', async () => {
    fs.mkdirSync(file('many/new'), { recursive: true });
    fs.writeFileSync(file('many/new/1.csv'), 'x');
  });
  t.pass('and is watched when it comes back');
});

t.test('a bucket that is a file for a while is watched again', async (t) => {
  const { file, changes } = await watched(t);
  const folder = file('').slice(0, -1);
  await changes.afterAll(async () => {
    fs.rmdirSync(folder);
    fs.writeFileSync(folder, 'x');
  });
  await changes.after('new.csv', async () => {
    fs.rmSync(folder);
    fs.mkdirSync(folder);
    fs.writeFileSync(file('new.csv'), 'x');
  });
  await changes.after('newer.csv', async () => fs.writeFileSync(file('newer.csv'), 'x'));
  t.pass('reported');
});

const bytes = (folder: string, hex: string): Buffer =>
  Buffer.concat([Buffer.from(folder), Buffer.from(hex, 'hex')]);

function make(t: Test) {
  const root = t.testdir({ bucket: {} });
  return { root, file: (key: string) => `${root}/bucket/${key}` };
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
