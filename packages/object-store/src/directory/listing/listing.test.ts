import fs from 'node:fs';
import path from 'node:path';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { directoryStore } from '../../directory-store.ts';
import { list } from '../../object-store.contract.ts';

t.test('a name that is not UTF-8 is an entry with a fault', async (t) => {
  const { root, store } = make(t);
  const bucket = path.join(root, 'bucket');
  fs.mkdirSync(bytes(bucket, [...ascii('M'), 0xfc, ...ascii('ller')]));
  fs.writeFileSync(bytes(bucket, [...ascii('M'), 0xfc, ...ascii('ller/1.csv')]), 'x');
  fs.writeFileSync(bytes(bucket, [...ascii('Jos'), 0xe9, ...ascii('.csv')]), 'x');
  fs.writeFileSync(path.join(bucket, 'Jos\\xe9.csv'), 'a name like the escaped one');
  fs.symlinkSync('nowhere', bytes(bucket, [...ascii('L'), 0xe9]));
  fs.writeFileSync(path.join(bucket, 'legal \ufffd.csv'), 'x');
  fs.writeFileSync(path.join(bucket, 'Josh.csv'), 'x');
  const listed = await list(store, 'bucket');
  t.same(
    listed.map(({ key, size, fault }) => [key, size, fault?.code]),
    [
      ['Jos\\xe9.csv', 27, undefined],
      ['Josh.csv', 1, undefined],
      ['M\\xfcller/', 0, 'not_utf8_name'],
      ['\\x4aos\\xe9.csv', 0, 'not_utf8_name'],
      ['legal \ufffd.csv', 1, undefined],
    ],
  );
  t.equal((await store.read('bucket', 'legal \ufffd.csv', 10)).size, 1);
});

t.test('arbitrary byte names are listed once, in byte order', async (t) => {
  const folder = t.testdir({});
  const byte = fc.constantFrom(0x61, 0x2d, 0x5c, 0x78, 0x65, 0x39, 0xe9, 0xc3, 0xa9, 0xff, 0xef, 0xbf, 0xbd);
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 5 })
    .chain((some) =>
      fc.array(byte, { minLength: some.length, maxLength: some.length }).map((all) => Buffer.from(all)),
    );
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { maxLength: 15, selector: String }), async (names) => {
      const root = fs.mkdtempSync(path.join(folder, 'any-'));
      fs.mkdirSync(path.join(root, 'bucket'));
      const unique = new Map(names.map((each) => [each.toString('hex'), each]));
      for (const each of unique.values()) fs.writeFileSync(bytes(path.join(root, 'bucket'), [...each]), 'x');
      const listed = await list(directoryStore(root), 'bucket');
      const keys = listed.map(({ key }) => key);
      t.equal(new Set(keys).size, unique.size);
      t.same(keys, keys.toSorted(compareBytes));
      t.same(
        listed.filter(({ fault }) => !fault).map(({ key }) => key),
        [...unique.values()]
          .map(String)
          .filter((each) => unique.has(Buffer.from(each).toString('hex')))
          .sort(compareBytes),
      );
    }),
  );
});

t.test('names with newlines or backslashes, and of maximum length, are keys', async (t) => {
  const { store } = make(t);
  const keys = ['a\nb.csv', 'a\\b.csv', '\\', ' ', `${'x'.repeat(251)}.csv`, 'in\n/\\/c.csv'];
  for (const key of keys) await store.put('bucket', key, Buffer.from(key));
  t.same(
    (await list(store, 'bucket')).map(({ key }) => key),
    keys.toSorted(compareBytes),
  );
  for (const key of keys) t.equal(Buffer.from((await store.read('bucket', key, 300)).bytes).toString(), key);
});

t.test('a folder deeper than the maximum path length is an entry with a fault', async (t) => {
  const { root, store } = make(t);
  const cwd = process.cwd();
  t.teardown(() => process.chdir(cwd));
  process.chdir(path.join(root, 'bucket'));
  fs.writeFileSync('z.csv', 'x');
  // By steps: the whole path is longer than PATH_MAX.
  const name = 'd'.repeat(200);
  for (let depth = 0; depth < 30; depth++) {
    fs.mkdirSync(name);
    process.chdir(name);
  }
  fs.writeFileSync('deep.csv', 'x');
  const listed = await list(store, 'bucket');
  for (let depth = 0; depth < 30; depth++) {
    if (depth === 0) fs.rmSync('deep.csv');
    process.chdir('..');
    fs.rmdirSync(name);
  }
  t.match(listed, [
    { key: /^d{200}\/.*\/$/, fault: { code: 'unreadable', detail: 'ENAMETOOLONG: name too long' } },
    { key: 'z.csv', fault: undefined },
  ]);
});

t.test('files that appear or disappear during a listing do not fail it', async (t) => {
  const { root, store } = make(t);
  const file = (key: string) => path.join(root, 'bucket', key);
  for (const folder of ['a', 'b', 'c', 'd']) {
    fs.mkdirSync(file(folder));
    for (let i = 0; i < 200; i++) fs.writeFileSync(file(`${folder}/${i}.csv`), 'x');
  }
  const found: string[] = [];
  for await (const page of store.list('bucket')) {
    found.push(...page.map(({ key }) => key));
    if (found.length !== 128) continue;
    fs.rmSync(file('a'), { recursive: true });
    fs.writeFileSync(file('a'), 'a file now');
    fs.rmSync(file('b'), { recursive: true });
    fs.rmSync(file('c'), { recursive: true });
    fs.writeFileSync(file('c'), 'a file now');
  }
  t.equal(found.filter((key) => key.startsWith('d/')).length, 200);
});

t.test('removing or replacing the bucket during a listing fails it', async (t) => {
  for (const isReplaced of [false, true]) {
    const { root, store } = make(t);
    const bucket = path.join(root, 'bucket');
    for (let i = 0; i < 200; i++) fs.writeFileSync(path.join(bucket, `${i}.csv`), 'x');
    const listing = (async () => {
      for await (const _ of store.list('bucket')) {
        fs.rmSync(bucket, { recursive: true, force: true });
        if (isReplaced) fs.mkdirSync(bucket);
      }
    })();
    await t.rejects(listing, { code: isReplaced ? 'unavailable' : 'bucket_not_found' });
  }
});

function ascii(text: string): number[] {
  return [...Buffer.from(text)];
}

function bytes(folder: string, name: number[]): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);
}

function make(t: Test) {
  const root = t.testdir({ bucket: {} });
  return { root, store: directoryStore(root) };
}
