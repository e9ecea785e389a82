import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import type { Test } from 'tap';
import type { ListedObject, ObjectStore, PutCondition, VersionRange } from './object-store.ts';
import { StoreError } from './object-store.ts';

/** A store to be tried, with a bucket that is there and empty, and another one that is not there. */
export interface StoreUnderTest {
  store: ObjectStore;
  bucket: string;
  bucketNotFound: string;
  /** Keys that this store takes, but cannot write in a listing. */
  unlistableKeys?: readonly string[];
}

/** Names that are allowed, however odd. */
const ODD_KEYS = [
  'e\u0301.csv',
  '\u00e9.csv',
  '100%.csv',
  'bad%FF.csv',
  '%2F.csv',
  'a+b c.csv',
  'a%20b.csv',
  'line\nbreak.csv',
  'tab\t.csv',
  'return\r.csv',
  'bell\u0007.csv',
  'delete\u007f.csv',
  '&amp;.csv',
  '&#65;.csv',
  ']]>.csv',
  '<Contents>.csv',
  ' blank first.csv',
  'blank last ',
  'back\\slash.csv',
  '\u200bzero width.csv',
  '\ufeffmark.csv',
  '\uffff.csv',
  '\u{10ffff}.csv',
];

/** Keys that a store must keep unchanged and distinct. */
const KEYS = [
  '1000.csv',
  '0001.csv',
  'folder/1000.csv',
  'folder/deeper/x.png',
  'with blank.csv',
  'plus+sign.csv',
  'percent%20.csv',
  'Grüße & Küsse <b>.csv',
  '漢字.csv',
  'emoji😀.png',
  'quote\'"`.csv',
  'question?mark#hash.csv',
  'star*[1].csv',
  'semi;colon:at@=.csv',
  'CASE.csv',
  'case.csv',
  'no-extension',
  '.hidden',
  '.archive/1.csv',
  '@eaDir/1.csv',
];

/** What every object store has to do; `make` is called for each case. */
export function objectStoreContract(t: Test, make: (t: Test) => Promise<StoreUnderTest>): void {
  const bytes = (text: string) => Buffer.from(text);
  const keysOf = (objects: readonly ListedObject[]) => objects.map(({ key }) => key).sort();

  t.test('returns what was put, for any key', async (t) => {
    const { store, bucket } = await make(t);
    for (const key of KEYS) await store.put(bucket, key, bytes(`content of ${key}`));
    for (const key of KEYS) {
      const read = await store.read(bucket, key, 1000);
      t.equal(Buffer.from(read.bytes).toString(), `content of ${key}`, key);
    }
    const listed = await list(store, bucket);
    t.same(keysOf(listed), [...KEYS].sort());
    for (const object of listed)
      t.equal(object.size, Buffer.byteLength(`content of ${object.key}`), object.key);
  });

  t.test('lists thousands of objects once, and by prefix', async (t) => {
    const { store, bucket } = await make(t);
    const keys = Array.from({ length: 2_345 }, (_, i) => (i % 2 ? `odd/${i}.csv` : `${i}.csv`));
    await inBatches(keys, (key) => store.put(bucket, key, bytes(key)));
    t.same(keysOf(await list(store, bucket)), [...keys].sort());
    t.same(keysOf(await list(store, bucket, 'odd/1')), keys.filter((key) => key.startsWith('odd/1')).sort());
    t.same(await list(store, bucket, 'none/'), []);
  });

  t.test('lists in byte order of the keys', async (t) => {
    const { store, bucket } = await make(t);
    const keys = [
      'a.csv',
      'a/b.csv',
      'a/b/c.csv',
      'a-b.csv',
      'a0.csv',
      'A.csv',
      'é.csv',
      '\ufffd.csv',
      '😀.csv',
      '10.csv',
      '9/x.csv',
    ];
    for (const key of keys) await store.put(bucket, key, bytes(key));
    const listed = (await list(store, bucket)).map(({ key }) => key);
    t.same(
      listed,
      keys.toSorted((a, b) => Buffer.compare(bytes(a), bytes(b))),
    );
  });

  t.test('lists and reads unusual keys unchanged', async (t) => {
    const { store, bucket, unlistableKeys = [] } = await make(t);
    t.ok(unlistableKeys.every((key) => ODD_KEYS.includes(key)));
    const keys = ODD_KEYS.filter((key) => !unlistableKeys.includes(key));
    for (const key of keys) await store.put(bucket, key, bytes(key));
    const listed = await list(store, bucket);
    t.same(keysOf(listed), [...keys].sort());
    t.notOk(listed.some(({ fault }) => fault));
    const read = new Map<string, string>();
    await store.readEach(bucket, listed, { maxBytes: 100, concurrency: 4 }, (key, found) => {
      if (found instanceof StoreError) t.fail(`${key}: ${found.message}`);
      else read.set(key, Buffer.from(found.bytes).toString());
    });
    for (const key of keys) {
      t.equal(read.get(key), key, JSON.stringify(key));
      t.same(keysOf(await list(store, bucket, key)), [key], 'as a prefix');
      await store.remove(bucket, key);
      t.equal(await store.head(bucket, key), undefined);
    }
    t.same(await list(store, bucket), []);
  });

  t.test('a name that a listing cannot represent is a fault and not missing', async (t) => {
    const { store, bucket, unlistableKeys = [] } = await make(t);
    for (const key of unlistableKeys) await store.put(bucket, key, bytes(key));
    const listed = await list(store, bucket);
    t.equal(listed.length, unlistableKeys.length);
    const codes = listed.flatMap(({ fault }) => fault?.code ?? []);
    const objects = listed.filter(({ fault }) => !fault);
    await store.readEach(bucket, objects, { maxBytes: 100, concurrency: 4 }, (_key, found) => {
      if (found instanceof StoreError && found.code === 'unreadable') codes.push(found.code);
    });
    t.equal(codes.length, unlistableKeys.length);
  });

  t.test('a prefix can end anywhere in a key', async (t) => {
    const { store, bucket } = await make(t);
    const keys = ['a', 'a/b', 'a/b/c', 'a/bc/d', 'ab', 'b', 'é/x', 'e\u0301'];
    // No file has the name of a folder: not every store could hold both.
    const stored = keys.filter((key) => !keys.some((other) => other.startsWith(`${key}/`)));
    for (const key of stored) await store.put(bucket, key, bytes(key));
    for (const prefix of ['', 'a', 'a/', 'a/b', 'a/b/', 'a/bc/d', 'a/bc/d/', 'é', 'e', 'x']) {
      const expected = stored.filter((key) => key.startsWith(prefix)).sort();
      t.same(keysOf(await list(store, bucket, prefix)), expected, prefix);
    }
  });

  t.test('reads many objects and reports missing ones', async (t) => {
    const { store, bucket } = await make(t);
    const keys = Array.from({ length: 700 }, (_, i) => `${i}.csv`);
    await inBatches(keys, (key) => store.put(bucket, key, bytes(`content of ${key}`)));
    const found = new Map<string, string | undefined>();
    const listed = await list(store, bucket);
    const none = { key: 'none.csv', etag: 'x', size: 1 };
    const inFolder = { key: 'no/ne.csv', etag: 'x', size: 1 };
    await store.readEach(
      bucket,
      [...listed, none, inFolder],
      { maxBytes: 12, concurrency: 8 },
      (key, read) => {
        if (read instanceof StoreError) {
          t.equal(read.code, 'not_found', key);
          return void found.set(key, undefined);
        }
        found.set(key, `${Buffer.from(read.bytes)} of ${read.size}`);
        t.equal(read.etag, listed.find((object) => object.key === key)?.etag, `${key}: its version`);
      },
    );
    t.equal(found.size, 702);
    t.same(found.get('699.csv'), 'content of 6 of 18');
    t.equal(found.get('none.csv'), undefined);
    t.ok(found.has('none.csv'));
    t.ok(found.has('no/ne.csv'));
  });

  t.test('returns the version of an object without reading it', async (t) => {
    const { store, bucket } = await make(t);
    const put = await store.put(bucket, 'a b+.csv', bytes('one'));
    const found = await store.head(bucket, 'a b+.csv');
    t.match(found, put);
    t.ok(Math.abs((found?.modified ?? 0) - Date.now()) < 60_000, 'with the time of the put');
    t.equal(await store.head(bucket, 'none.csv'), undefined);
    t.equal(await store.head(bucket, 'none/of/these.csv'), undefined);
  });

  t.test('an ETag changes only with the object', async (t) => {
    const { store, bucket } = await make(t);
    const first = await store.put(bucket, 'a.csv', bytes('one'));
    await store.put(bucket, 'b.csv', bytes('other'));
    const listed = await list(store, bucket);
    const a = listed.find(({ key }) => key === 'a.csv');
    const read = await store.read(bucket, 'a.csv', 10);
    const opened = await store.open(bucket, 'a.csv');
    opened.body.destroy();
    t.same([a?.etag, read.etag, opened.etag], [first.etag, first.etag, first.etag], 'all tell the same');
    t.same([a?.size, read.size, opened.size, first.size], [3, 3, 3, 3]);
    const second = await store.put(bucket, 'a.csv', bytes('two'));
    t.not(second.etag, first.etag);
    t.equal((await store.read(bucket, 'a.csv', 10)).etag, second.etag);
  });

  t.test('reports when an object was written', async (t) => {
    const { store, bucket } = await make(t);
    await store.put(bucket, 'a.csv', bytes('one'));
    const [object] = await list(store, bucket);
    const age = Date.now() - (object?.modified ?? 0);
    t.ok(Math.abs(age) < 60_000, `${age} ms ago`);
  });

  t.test('bulk reads yield to the event loop', async (t) => {
    const { store, bucket } = await make(t);
    const keys = Array.from({ length: 1_500 }, (_, i) => `${i}.csv`);
    await inBatches(keys, (key) => store.put(bucket, key, bytes(key)));
    const small = await list(store, bucket);
    const content = Buffer.alloc(500_000);
    for (let i = 0; i < 64; i++) await store.put(bucket, `large/${i}.csv`, content);
    const large = await list(store, bucket, 'large/');
    for (const [listed, perCall, maxBytes] of [
      [small, small.length, 100],
      [small, 100, 100],
      [large, large.length, content.length],
    ] as const) {
      let turns = 0;
      let isOver = false;
      const others = (async () => {
        for (; !isOver; turns++) await new Promise(setImmediate);
      })();
      for (let i = 0; i < listed.length; i += perCall) {
        const some = listed.slice(i, i + perCall);
        await store.readEach(bucket, some, { maxBytes, concurrency: 8 }, () => undefined);
      }
      isOver = true;
      await others;
      t.ok(turns > 2, `${perCall} a call of up to ${maxBytes} bytes: ${turns} turns`);
    }
  });

  t.test('reads at most maxBytes and reports the size', async (t) => {
    const { store, bucket } = await make(t);
    await store.put(bucket, 'long', bytes('0123456789'));
    for (const [max, expected] of [
      [4, '0123'],
      [10, '0123456789'],
      [11, '0123456789'],
    ] as const) {
      const read = await store.read(bucket, 'long', max);
      t.equal(Buffer.from(read.bytes).toString(), expected, `${max} bytes`);
      t.equal(read.size, 10);
    }
  });

  t.test('an empty object exists', async (t) => {
    const { store, bucket } = await make(t);
    await store.put(bucket, 'empty.csv', bytes(''));
    t.same(keysOf(await list(store, bucket)), ['empty.csv']);
    t.equal((await store.read(bucket, 'empty.csv', 10)).bytes.length, 0);
    t.equal((await buffer((await store.open(bucket, 'empty.csv')).body)).length, 0);
  });

  t.test('streams content in and out', async (t) => {
    const { store, bucket } = await make(t);
    const chunk = Buffer.alloc(64 * 1024, 'landfall');
    const size = chunk.length * 320; // 20 MiB: more than any buffer on the way
    const open = () =>
      Readable.from(
        (function* () {
          for (let i = 0; i < 320; i++) yield chunk;
        })(),
      );
    const put = await store.put(bucket, 'big', { open, size });
    const opened = await store.open(bucket, 'big');
    const content = await buffer(opened.body);
    t.equal(content.length, size);
    t.ok(content.subarray(-chunk.length).equals(chunk));
    t.same([put.size, opened.size, put.etag], [size, size, opened.etag]);
  });

  t.test('opens any range of a version', async (t) => {
    const { store, bucket } = await make(t);
    const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251));
    const { etag, size } = await store.put(bucket, 'a b+.bin', content);
    const offset = fc.oneof(fc.nat({ max: size - 1 }), fc.constantFrom(0, 65_535, 65_536, size - 1));
    await fc.assert(
      fc.asyncProperty(offset, offset, async (a, b) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        const opened = await store.open(bucket, 'a b+.bin', { etag, first, last });
        t.same([opened.etag, opened.size], [etag, size], 'the version of the whole object');
        t.ok(content.subarray(first, last + 1).equals(await buffer(opened.body)), `${first}-${last}`);
      }),
      { numRuns: 30 },
    );
  });

  t.test('a range of another version is refused', async (t) => {
    const { store, bucket } = await make(t);
    const old = await store.put(bucket, 'a.bin', bytes('0123456789'));
    const of = (range: Partial<VersionRange>, key = 'a.bin') =>
      store.open(bucket, key, { etag: old.etag, first: 0, last: 3, ...range });
    await t.rejects(of({}, 'none.bin'), { code: 'not_found' });
    const refused = { name: 'StoreError', code: 'precondition_failed' };
    await t.rejects(of({ etag: 'another' }), refused);
    await store.put(bucket, 'a.bin', bytes('abcdefghij'));
    await t.rejects(of({}), refused, 'of the same size');
    const short = await store.put(bucket, 'a.bin', bytes('ab'));
    await t.rejects(of({ first: 5, last: 9 }), refused, 'shorter than the range');
    const { body } = await of({ etag: short.etag, first: 1, last: 1 });
    t.equal((await buffer(body)).toString(), 'b');
  });

  t.test('a failed stream leaves the old object', async (t) => {
    const { store, bucket } = await make(t);
    await store.put(bucket, 'output.csv', bytes('old'));
    const open = () =>
      Readable.from(
        (async function* () {
          yield bytes('new, but not all');
          throw new Error('disk on fire');
        })(),
      );
    await t.rejects(store.put(bucket, 'output.csv', { open, size: 1_000 }), { name: 'StoreError' });
    t.equal(Buffer.from((await store.read(bucket, 'output.csv', 100)).bytes).toString(), 'old');
    t.same(keysOf(await list(store, bucket)), ['output.csv'], 'and nothing else');
  });

  t.test('a stream can have a checksum', async (t) => {
    const { store, bucket } = await make(t);
    const content = bytes('announced');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const open = () => Readable.from([content]);
    await store.put(bucket, 'a.csv', { open, size: content.length, sha256 });
    t.equal(Buffer.from((await store.read(bucket, 'a.csv', 100)).bytes).toString(), 'announced');
  });

  t.test('copies an object', async (t) => {
    const { store, bucket } = await make(t);
    await store.put(bucket, 'datasets/1-ü +%.csv', bytes('data'));
    await store.put(bucket, 'output.csv', bytes('before'));
    const copied = await store.copy(bucket, 'datasets/1-ü +%.csv', 'output.csv');
    const read = await store.read(bucket, 'output.csv', 100);
    t.equal(Buffer.from(read.bytes).toString(), 'data');
    t.same([copied.etag, copied.size], [read.etag, 4]);
    await store.put(bucket, 'output.csv', bytes('changed'));
    const source = await store.read(bucket, 'datasets/1-ü +%.csv', 100);
    t.equal(Buffer.from(source.bytes).toString(), 'data', 'the source is another object');
  });

  t.test('removes an object; a missing one is not an error', async (t) => {
    const { store, bucket } = await make(t);
    await store.put(bucket, 'a/b.csv', bytes('x'));
    await store.remove(bucket, 'a/b.csv');
    await store.remove(bucket, 'a/b.csv');
    t.same(await list(store, bucket), []);
    await store.put(bucket, 'a/b.csv', bytes('again'));
    t.same(keysOf(await list(store, bucket)), ['a/b.csv']);
  });

  t.test('readers never get a missing or partial object during a replacement', async (t) => {
    const { store, bucket } = await make(t);
    const contents = ['a', 'b'].map((letter) => Buffer.alloc(200_000, letter));
    await store.put(bucket, 'output.csv', contents[0] ?? bytes(''));
    await store.put(bucket, 'next', contents[1] ?? bytes(''));
    let writing = true;
    const reads = (async () => {
      let count = 0;
      while (writing) {
        const { bytes: found } = await store.read(bucket, 'output.csv', 1_000_000);
        const same = contents.some((content) => content.equals(found));
        if (!same) throw new Error(`${found.length} bytes that nobody wrote`);
        count++;
      }
      return count;
    })();
    for (let i = 0; i < 10; i++) {
      if (i % 2) await store.put(bucket, 'output.csv', contents[0] ?? bytes(''));
      else await store.copy(bucket, 'next', 'output.csv');
      await new Promise(setImmediate);
    }
    writing = false;
    t.ok((await reads) > 0, 'it was read meanwhile');
  });

  t.test('conditional puts', async (t) => {
    const { store, bucket, bucketNotFound } = await make(t);
    const refused = { name: 'StoreError', code: 'precondition_failed' };
    const text = async () => Buffer.from((await store.read(bucket, 'manifest.json', 100)).bytes).toString();
    const put = (content: string, condition: PutCondition) =>
      store.put(bucket, 'manifest.json', bytes(content), condition);
    await t.rejects(put('none', { etag: 'x' }), refused, 'there is no object');
    t.equal(await store.head(bucket, 'manifest.json'), undefined);
    const first = await put('first', { absent: true });
    await t.rejects(put('again', { absent: true }), refused, 'there is one');
    t.equal(await text(), 'first');
    const second = await put('second', { etag: first.etag });
    await t.rejects(put('stale', { etag: first.etag }), refused, 'it is another one');
    t.equal(await text(), 'second');
    t.match(await store.head(bucket, 'manifest.json'), second);
    await store.remove(bucket, 'manifest.json');
    await t.rejects(put('gone', { etag: second.etag }), refused, 'it was removed');
    await put('anew', { absent: true });
    t.same(keysOf(await list(store, bucket)), ['manifest.json'], 'and nothing else');
    await t.rejects(store.put(bucketNotFound, 'a', bytes('x'), { absent: true }), {
      code: 'bucket_not_found',
    });
  });

  t.test('one of several racing conditional puts succeeds', async (t) => {
    const { store, bucket } = await make(t);
    let etag: string | undefined;
    for (let round = 0; round < 10; round++) {
      const condition: PutCondition = etag === undefined ? { absent: true } : { etag };
      const racing = Array.from({ length: 8 }, (_, i) =>
        store.put(bucket, 'manifest.json', bytes(`${round}-${i}`), condition),
      );
      const results = await Promise.allSettled(racing);
      const won = results.flatMap((result, i) =>
        result.status === 'fulfilled' ? [{ i, ...result.value }] : [],
      );
      t.equal(won.length, 1, `round ${round}`);
      for (const result of results)
        if (result.status === 'rejected')
          t.ok(isStoreError(result.reason, 'precondition_failed'), result.reason);
      const read = await store.read(bucket, 'manifest.json', 100);
      t.equal(Buffer.from(read.bytes).toString(), `${round}-${won[0]?.i}`);
      t.equal(read.etag, won[0]?.etag);
      etag = read.etag;
    }
  });

  t.test('reports whether conditions are supported, and leaves nothing behind', async (t) => {
    const { store, bucket } = await make(t);
    t.equal(await store.supportsConditions(bucket), true);
    t.same(await list(store, bucket), []);
  });

  t.test('creates a bucket once', async (t) => {
    const { store, bucketNotFound } = await make(t);
    await store.createBucket(bucketNotFound);
    await store.put(bucketNotFound, 'a', bytes('kept'));
    await store.createBucket(bucketNotFound);
    t.same(keysOf(await list(store, bucketNotFound)), ['a']);
  });

  t.test('reports errors with their codes', async (t) => {
    const { store, bucket, bucketNotFound } = await make(t);
    const cases: [string, string, () => Promise<unknown>][] = [
      ['read a missing object', 'not_found', () => store.read(bucket, 'none.csv', 1)],
      ['read a missing object in a missing folder', 'not_found', () => store.read(bucket, 'no/ne.csv', 1)],
      ['open a missing object', 'not_found', () => store.open(bucket, 'none.csv')],
      ['copy a missing object', 'not_found', () => store.copy(bucket, 'none.csv', 'to.csv')],
      ['list a missing bucket', 'bucket_not_found', () => list(store, bucketNotFound)],
      ['read from a missing bucket', 'bucket_not_found', () => store.read(bucketNotFound, 'a.csv', 1)],
      ['put into a missing bucket', 'bucket_not_found', () => store.put(bucketNotFound, 'a.csv', bytes('x'))],
      ['remove from a missing bucket', 'bucket_not_found', () => store.remove(bucketNotFound, 'a.csv')],
      [
        'put under a name that is too long',
        'invalid_key',
        () => store.put(bucket, 'x'.repeat(1_100), bytes('x')),
      ],
    ];
    for (const [name, code, call] of cases) {
      await t.rejects(call(), { name: 'StoreError', code }, name);
    }
  });
}

/** All pages of a listing. */
export async function list(store: ObjectStore, bucket: string, prefix?: string): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  for await (const page of store.list(bucket, prefix)) objects.push(...page);
  return objects;
}

async function inBatches<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < items.length; i += 50) await Promise.all(items.slice(i, i + 50).map(work));
}

/** For tests of one adapter alone. */
export const isStoreError = (error: unknown, code: string): boolean =>
  error instanceof StoreError && error.code === code;
