import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { directoryStore } from '@landfall/object-store/directory-store';
import { type ObjectStore, StoreError, type StoreErrorCode } from '@landfall/object-store/object-store';
import t, { type Test } from 'tap';
import { makeGeneration, publishTo } from '../support/_generation.ts';
import { codeOf, connect, get } from '../support/_raw.ts';
import { makeService } from '../support/_service.ts';

const IMAGE = '/data/1/image';

const bodyOf = (chunks: Iterable<Buffer>): Readable => Readable.from(chunks, { objectMode: false });

/** Starts a service; `open` replaces the store's reads of the source bucket. */
async function withImages(t: Test, source: Partial<ObjectStore>, storeTimeoutMs = 60_000) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-images-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const store = directoryStore(root);
  await store.createBucket('processed-data');
  const mixed: ObjectStore = {
    ...store,
    open: (bucket, key) =>
      bucket === 'src-data' && source.open ? source.open(bucket, key) : store.open(bucket, key),
    head: (bucket, key) =>
      bucket === 'src-data' && source.head ? source.head(bucket, key) : store.head(bucket, key),
  };
  const service = await makeService(t, { store: mixed, limits: { storeTimeoutMs } });
  const user = { user_id: '1', first_name: 'A', last_name: 'B', birthts: 5, img_path: 'src-data/1.png' };
  await publishTo(store, 'processed-data', makeGeneration(1, [user]));
  await service.syncNow();
  return service;
}

const version = { size: 6, etag: 'e' };

t.test('HEAD of an image has the headers of GET and reads no body', async (t) => {
  let opened = 0;
  const { ask } = await withImages(t, {
    open: async () => {
      opened++;
      return { ...version, body: bodyOf([Buffer.from('abcdef')]) };
    },
    head: async () => version,
  });
  const head = await ask(IMAGE, {}, 'HEAD');
  t.equal(opened, 0);
  const whole = await ask(IMAGE);
  t.equal(whole.text, 'abcdef');
  const { date: _, ...expected } = whole.headers;
  t.match(head, { status: 200, text: '', headers: expected });
  t.equal(head.headers['content-length'], '6');
  for (const method of ['HEAD', 'GET']) {
    const unchanged = await ask(IMAGE, { 'if-none-match': '"e"' }, method);
    t.match(unchanged, { status: 304, text: '' }, method);
    t.notOk('content-length' in unchanged.headers, method);
  }
  t.equal(opened, 2);
});

t.test('an image has exactly the announced length, or its connection is closed', async (t) => {
  for (const [what, chunks] of [
    ['more in one chunk', ['abcdefHTTP/1.1 200 OK\r\n\r\n']],
    ['more in another chunk', ['abcdef', 'HTTP/1.1 200 OK\r\n\r\n']],
    ['less', ['abc']],
    ['nothing', []],
  ] as const) {
    const bodies: Readable[] = [];
    const { address } = await withImages(t, {
      open: async () => {
        const body = bodyOf(chunks.map((chunk) => Buffer.from(chunk)));
        bodies.push(body);
        return { ...version, body };
      },
    });
    const raw = await connect(t, address);
    raw.send(get(IMAGE) + get('/healthz'));
    const rest = await raw.closed();
    t.notMatch(rest, /"status":"ok"/, `${what}: no other response follows`);
    t.ok((rest.split('\r\n\r\n')[1] ?? '').length <= 6, `${what}: no byte too many`);
    t.ok(bodies[0]?.destroyed, what);
  }
});

t.test('the read of the store is aborted when the client disconnects', async (t) => {
  let body: Readable | undefined;
  const { address } = await withImages(t, {
    open: async () => {
      body = new Readable({
        read() {
          this.push(Buffer.alloc(65_536));
        },
      });
      return { size: 2 ** 40, etag: 'e', body };
    },
  });
  const raw = await connect(t, address);
  raw.send(get(IMAGE));
  await new Promise((resolve) => raw.socket.once('data', resolve));
  const closed = new Promise((resolve) => body?.once('close', resolve));
  raw.socket.destroy();
  await closed;
  t.ok(body?.destroyed);
});

t.test('a store that hangs results in a 504', async (t) => {
  const hanging = () => new Promise<never>(() => undefined);
  const late = bodyOf([]);
  const silent = new Readable({ read: () => undefined });
  const opens: Record<string, ObjectStore['open']> = {
    'no answer': hanging,
    'no first byte': async () => ({ ...version, body: silent }),
    'an answer too late': () =>
      new Promise((resolve) => setTimeout(() => resolve({ ...version, body: late }), 200)),
    'its own timeout': () => Promise.reject(new StoreError('timeout', '/secret/path')),
  };
  for (const [what, open] of Object.entries(opens)) {
    const { ask } = await withImages(t, { open, head: hanging }, 50);
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, json } = await ask(IMAGE, {}, method);
      t.equal(status, 504, `${what} ${method}`);
      t.match(headers['content-type'], /problem\+json/, what);
      if (method === 'GET') t.match(json, { code: 'store_timeout' }, what);
    }
  }
  t.ok(silent.destroyed, 'a silent body is destroyed');
  if (!late.destroyed) await new Promise((resolve) => late.once('close', resolve));
  t.ok(late.destroyed, 'a late body is destroyed');
});

t.test('a body that stalls is aborted', async (t) => {
  const { address } = await withImages(
    t,
    {
      open: async () => {
        const body = new Readable({ read: () => undefined });
        body.push('abc');
        return { ...version, body };
      },
    },
    50,
  );
  const raw = await connect(t, address);
  raw.send(get(IMAGE));
  t.match(await raw.closed(), /\r\n\r\nabc$/);
});

t.test('an error of one image concerns that image only', async (t) => {
  const cases: [StoreErrorCode, number, string][] = [
    ['not_found', 404, 'image_not_found'],
    ['access_denied', 404, 'image_unreadable'],
    ['unreadable', 404, 'image_unreadable'],
    ['outside_bucket', 404, 'image_unreadable'],
    ['invalid_key', 404, 'image_unreadable'],
    ['bucket_not_found', 503, 'store_unavailable'],
    ['unavailable', 503, 'store_unavailable'],
  ];
  for (const [code, status, problem] of cases) {
    const fail = () => Promise.reject(new StoreError(code, 'no access to /secret/path/1.png'));
    const { address, ask } = await withImages(t, { open: fail, head: fail });
    const raw = await connect(t, address);
    raw.send(get(IMAGE));
    const answer = await raw.next();
    t.equal(answer?.status, status, code);
    t.equal(codeOf(answer), problem, code);
    t.notMatch(answer?.body, /secret/, code);
    t.equal((await ask(IMAGE, {}, 'HEAD')).status, status, `HEAD ${code}`);
  }
  const broken = await withImages(t, {
    open: async () => ({
      ...version,
      body: new Readable({
        read() {
          this.destroy(new StoreError('unreadable', 'EIO'));
        },
      }),
    }),
  });
  t.match((await broken.ask(IMAGE)).json, { status: 404, code: 'image_unreadable' });
});

t.test('an empty image is an image', async (t) => {
  const { ask } = await withImages(t, { open: async () => ({ size: 0, etag: 'e', body: bodyOf([]) }) });
  t.match(await ask(IMAGE), { status: 200, text: '', headers: { 'content-length': '0' } });
});
