import fs from 'node:fs';
import type http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { directoryStore } from '@landfall/object-store/directory-store';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { s3Store } from '@landfall/object-store/s3-store';
import { s3IsMissing, startS3, uniqueBucket } from '@landfall/test-servers/s3-server';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { makeGeneration, publishTo } from '../support/_generation.ts';
import { connect, get } from '../support/_raw.ts';
import { makeService } from '../support/_service.ts';

const IMAGE = '/data/1/image';
/** More than a chunk of a stream. */
const CONTENT = Buffer.from(Array.from({ length: 150_000 }, (_, i) => (i * 31) % 251));
const SIZE = CONTENT.length;

/** Serves one user with an image of this content. The processed bucket is a folder. */
async function withImage(t: Test, source: ObjectStore, bucket: string, content: Uint8Array = CONTENT) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-ranges-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const processed = directoryStore(root);
  await processed.createBucket('processed-data');
  await source.createBucket(bucket);
  await source.put(bucket, '1.png', content);
  const opened: unknown[] = [];
  const store: ObjectStore = {
    ...processed,
    head: (from, key) => (from === bucket ? source : processed).head(from, key),
    open: async (from, key, range) => {
      if (from !== bucket) return await processed.open(from, key, range);
      opened.push(range && [range.first, range.last]);
      return await source.open(from, key, range);
    },
  };
  const service = await makeService(t, { store });
  const img_path = `${bucket}/1.png`;
  const user = { user_id: '1', first_name: 'A', last_name: 'B', birthts: 5, img_path };
  await publishTo(processed, 'processed-data', makeGeneration(1, [user]));
  await service.syncNow();
  const ask = (headers: http.OutgoingHttpHeaders = {}, method = 'GET') => service.ask(IMAGE, headers, method);
  return { ...service, ask, opened, put: (next: Uint8Array) => source.put(bucket, '1.png', next) };
}

async function inFolder(t: Test, content?: Uint8Array) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-ranges-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  return await withImage(t, directoryStore(root), 'src-data', content);
}

/** What a `Range` gives, computed with a slice. */
function expected(range: { first?: number; last?: number }) {
  const { first = Math.max(0, SIZE - (range.last ?? 0)), last = SIZE - 1 } =
    range.first === undefined ? {} : range;
  const end = Math.min(last, SIZE - 1);
  if (first >= SIZE) return { status: 416, contentRange: `bytes */${SIZE}`, body: undefined };
  return {
    status: 206,
    contentRange: `bytes ${first}-${end}/${SIZE}`,
    body: CONTENT.subarray(first, end + 1),
  };
}

async function anyRange(t: Test, { ask }: Awaited<ReturnType<typeof withImage>>) {
  const offset = fc.oneof(
    fc.nat({ max: SIZE + 10 }),
    fc.constantFrom(0, 1, 65_535, 65_536, SIZE - 1, SIZE, 2 ** 60),
  );
  const range = fc.oneof(
    fc.tuple(offset, offset).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
    offset.map((first) => ({ first })),
    offset.map((last) => ({ last })),
  );
  await fc.assert(
    fc.asyncProperty(range, async (each: { first?: number; last?: number }) => {
      const answer = await ask({ range: `bytes=${each.first ?? ''}-${each.last ?? ''}` });
      const { status, contentRange, body } = expected(each);
      const what = JSON.stringify(each);
      t.equal(answer.status, status, what);
      t.equal(answer.headers['content-range'], contentRange, what);
      if (body) {
        t.equal(answer.headers['content-length'], String(body.length), what);
        t.ok(answer.body.equals(body), what);
      } else t.match(answer.json, { status: 416, code: 'range_not_satisfiable', size: SIZE }, what);
    }),
    { numRuns: 25 },
  );
}

t.test('any range is a slice, from a folder', async (t) => anyRange(t, await inFolder(t)));

t.test('any range is a slice, from S3', { skip: s3IsMissing() ?? false }, async (t) => {
  const server = await startS3();
  t.teardown(server.stop);
  await anyRange(t, await withImage(t, s3Store(server), uniqueBucket('ranges')));
});

t.test('a range has the headers of the whole file', async (t) => {
  const { ask } = await inFolder(t);
  const whole = await ask();
  t.match(whole, { status: 200, headers: { 'accept-ranges': 'bytes', 'content-length': `${SIZE}` } });
  const { date: _, 'content-length': __, ...common } = whole.headers;
  t.match(await ask({ range: 'bytes=2-4' }), {
    status: 206,
    body: CONTENT.subarray(2, 5),
    headers: { ...common, 'content-length': '3', 'content-range': `bytes 2-4/${SIZE}` },
  });
  t.equal((await ask()).headers['content-range'], undefined);
});

t.test('other ranges, and those of HEAD, are ignored', async (t) => {
  const { ask, opened } = await inFolder(t);
  for (const range of ['bytes=0-1,4-5', 'bytes=5-4', 'bytes=x', 'items=0-1', 'bytes=-']) {
    const answer = await ask({ range });
    t.equal(answer.status, 200, range);
    t.ok(answer.body.equals(CONTENT), range);
  }
  const head = await ask({ range: 'bytes=0-1' }, 'HEAD');
  t.match(head, { status: 200, headers: { 'content-length': `${SIZE}`, 'accept-ranges': 'bytes' } });
  t.same(new Set(opened), new Set([undefined]), 'the store was asked for whole objects only');
});

t.test('conditions', async (t) => {
  const { ask, opened, put } = await inFolder(t);
  const etag = String((await ask()).headers.etag);
  const range = 'bytes=0-1';
  t.equal((await ask({ range, 'if-range': etag })).status, 206, 'the ETag');
  for (const [what, other] of Object.entries({
    'another ETag': '"x"',
    'a weak ETag': `W/${etag}`,
    'a date': new Date().toUTCString(),
    nothing: '',
  })) {
    const answer = await ask({ range, 'if-range': other });
    t.same([answer.status, answer.body.length], [200, SIZE], what);
    t.equal((await ask({ range: `bytes=${SIZE}-`, 'if-range': other })).status, 200, `${what}, out of range`);
  }
  opened.length = 0;
  for (const known of [etag, `W/${etag}`, '*']) {
    for (const each of [range, `bytes=${SIZE}-`]) {
      t.match(await ask({ range: each, 'if-none-match': known }), { status: 304, text: '' }, known);
    }
  }
  t.same(opened, [], 'no byte was read');
  t.equal((await ask({ range, 'if-none-match': '"x"' })).status, 206);
  await put(Buffer.from('another image'));
  const changed = await ask({ range, 'if-range': etag });
  t.same([changed.status, changed.text], [200, 'another image']);
});

t.test('an object that is replaced between two requests to the store is sent whole', async (t) => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-ranges-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const source = directoryStore(root);
  const replacing: ObjectStore = {
    ...source,
    async open(bucket, key, range) {
      if (range) await source.put(bucket, key, Buffer.from('new'));
      return await source.open(bucket, key, range);
    },
  };
  const { ask } = await withImage(t, replacing, 'src-data');
  t.match(await ask({ range: 'bytes=10-20' }), {
    status: 200,
    text: 'new',
    headers: { 'content-length': '3' },
  });
});

t.test('no range of an empty file has a byte', async (t) => {
  const { ask } = await inFolder(t, Buffer.from(''));
  t.match(await ask({ range: 'bytes=0-' }), { status: 416, headers: { 'content-range': 'bytes */0' } });
  t.match(await ask({ range: 'bytes=-5' }), { status: 200, text: '' });
});

t.test('a range has exactly the announced length, and its read ends with the connection', async (t) => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-ranges-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const source = directoryStore(root);
  let body: Readable | undefined;
  const store: ObjectStore = {
    ...source,
    async open(bucket, key, range) {
      const { body: real, ...version } = await source.open(bucket, key, range);
      real.destroy();
      body = new Readable({ read: () => undefined });
      body.push(Buffer.alloc(1_000));
      return { ...version, body };
    },
  };
  const { address } = await withImage(t, store, 'src-data');
  const cheated = await connect(t, address);
  cheated.send(get(IMAGE, 'range: bytes=0-9\r\n'));
  t.notMatch(await cheated.closed(), /\r\n\r\n[\s\S]{11}/, 'no byte too many');
  t.ok(body?.destroyed);

  const leaving = await connect(t, address);
  leaving.send(get(IMAGE, 'range: bytes=0-\r\n'));
  await new Promise((resolve) => leaving.socket.once('data', resolve));
  const closed = new Promise((resolve) => body?.once('close', resolve));
  leaving.socket.destroy();
  await closed;
  t.ok(body?.destroyed);
});
