import { once } from 'node:events';
import net from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { list } from '../../object-store.contract.ts';
import { s3Store } from '../../s3-store.ts';
import { type Act, inTurn, object, scriptedS3, silent, TEST_DEADLINES } from '../_scripted-s3.ts';
import { minioAdmin } from '../minio-admin.ts';
import { callMinio } from '../minio-client.ts';
import { enableNotifications } from '../minio-notification.ts';
import { S3_DEADLINES } from './deadlines.ts';

const timeout = { name: 'StoreError', code: 'timeout' };
const stuck: Act = (_request, response) =>
  response.writeHead(200, { 'content-length': 100, etag: '"abc"' }).write('half');
/** A byte now and then, for ever: no deadline between two pieces ends it. */
const drip: Act = (_request, response) => {
  response.writeHead(200, { 'content-length': 100_000, etag: '"abc"' });
  const timer = setInterval(() => response.write('x'), 20);
  response.once('close', () => clearInterval(timer));
};
const DEADLINES = { ...TEST_DEADLINES, callMs: 1_500 };

t.test('a call ends although the store never answers', async (t) => {
  const { store } = await scriptedS3(t, silent, DEADLINES);
  const content = Buffer.from('x');
  const streamed = { open: () => Readable.from([content]), size: 1 };
  const calls: [string, () => Promise<unknown>][] = [
    ['list', () => list(store, 'bucket')],
    ['read', () => store.read('bucket', 'a', 10)],
    ['head', () => store.head('bucket', 'a')],
    ['open', () => store.open('bucket', 'a')],
    ['put', () => store.put('bucket', 'a', content)],
    ['put of a stream', () => store.put('bucket', 'a', streamed)],
    ['conditional put', () => store.put('bucket', 'a', content, { absent: true })],
    ['supportsConditions', () => store.supportsConditions('bucket')],
    ['copy', () => store.copy('bucket', 'a', 'b')],
    ['remove', () => store.remove('bucket', 'a')],
    ['createBucket', () => store.createBucket('bucket')],
    ['setAccess', () => store.setAccess('bucket', 'private')],
  ];
  await Promise.all(calls.map(([name, call]) => t.rejects(call(), timeout, name)));
});

t.test('an object that never arrives is an error of that object', async (t) => {
  const { store } = await scriptedS3(t, (request, response) =>
    (request.url?.endsWith('hangs') ? silent : object('content'))(request, response),
  );
  const results: Record<string, unknown> = {};
  const objects = ['hangs', 'fine'].map((key) => ({ key, size: 7, etag: 'abc' }));
  await store.readEach('bucket', objects, { maxBytes: 10, concurrency: 2 }, (key, read) => {
    results[key] = 'code' in read ? read.code : read.size;
  });
  t.same(results, { hangs: 'timeout', fine: 7 });
});

t.test('a body that stalls or drips', async (t) => {
  for (const act of [stuck, drip]) {
    const { store } = await scriptedS3(t, act, DEADLINES);
    await t.rejects(store.read('bucket', 'a', 1_000_000), timeout);
    await t.rejects(list(store, 'bucket'), timeout);
  }
  const { store } = await scriptedS3(t, stuck, DEADLINES);
  const { body } = await store.open('bucket', 'a');
  await t.rejects(buffer(body), timeout, 'a stream');
});

t.test('a stream has no total deadline, since its reader may be slow', async (t) => {
  const { store } = await scriptedS3(t, object('x'.repeat(10_000_000)), { ...DEADLINES, attemptMs: 300 });
  const { body, size } = await store.open('bucket', 'a');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  t.equal((await buffer(body)).length, size);
});

t.test('an upload that the store does not read', async (t) => {
  const store = await deafServer(t);
  const size = 50_000_000;
  const open = () => Readable.from(pieces(size));
  await t.rejects(store.put('bucket', 'a', { open, size }), timeout);
});

t.test('an upload whose content does not arrive', async (t) => {
  const { store } = await scriptedS3(t, (request, response) => {
    request.resume().once('end', () => object('')(request, response));
  });
  const open = () => new Readable({ read: () => undefined });
  await t.rejects(store.put('bucket', 'a', { open, size: 10 }), timeout);
});

t.test('an interrupted streamed upload is sent again from its beginning', async (t) => {
  const bodies: string[] = [];
  const take: Act = (request, response) => {
    buffer(request).then((body) => {
      bodies.push(body.toString());
      object('')(request, response);
    });
  };
  const breakOff: Act = (request) => request.once('data', () => request.socket.destroy());
  const { store } = await scriptedS3(t, inTurn(breakOff, breakOff, take));
  let opened = 0;
  const open = () => {
    opened++;
    return Readable.from([Buffer.from('from '), Buffer.from('the beginning')]);
  };
  await store.put('bucket', 'a', { open, size: 18 });
  t.same([opened, bodies], [3, ['from the beginning']]);
});

t.test('content that fails is not sent again', async (t) => {
  const { store, seen } = await scriptedS3(
    t,
    (request) => void request.resume().on('error', () => undefined),
  );
  const broken = () =>
    Readable.from(
      (function* () {
        yield Buffer.from('x');
        throw new Error('disk on fire');
      })(),
    );
  const failure = { name: 'StoreError', message: /disk on fire/ };
  await t.rejects(store.put('bucket', 'a', { open: broken, size: 10 }), failure);
  for (const size of [1, 3]) {
    const open = () => Readable.from([Buffer.from('xx')]);
    await t.rejects(store.put('bucket', 'a', { open, size }), {
      name: 'StoreError',
      message: /than \d bytes/,
    });
  }
  t.ok(seen.length <= 3, seen.join());
});

t.test('calls of the MinIO client have deadlines', async (t) => {
  const { access } = await scriptedS3(t, silent);
  const call = callMinio(access, 'bucket', (client) => client.getBucketNotification('bucket'), 200);
  await t.rejects(call, timeout);
  const admin = minioAdmin(access, 200).putUser('user', 'secret-secret', {});
  await t.rejects(admin, timeout);
  await t.rejects(enableNotifications(access, 'bucket', 'arn:minio:sqs::x:nats', 200), timeout);
});

t.test('the deadlines are consistent', async (t) => {
  const { connectMs, answerMs, attemptMs, callMs } = S3_DEADLINES;
  t.ok(connectMs + answerMs <= attemptMs);
  t.ok(2 * answerMs < callMs, 'a second attempt has its time');
});

function* pieces(size: number) {
  const piece = Buffer.alloc(65_536);
  for (let left = size; left > 0; left -= piece.length)
    yield left < piece.length ? piece.subarray(0, left) : piece;
}

/** Accepts connections and reads the first request only. */
async function deafServer(t: Test) {
  const location = '<LocationConstraint/>';
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      if (request.includes('location='))
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${location.length}\r\n\r\n${location}`);
      else socket.pause();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const access = { endpoint: `http://127.0.0.1:${port}`, accessKey: 'key', secretKey: 'secret' };
  return s3Store(access, { deadlines: { ...TEST_DEADLINES, callMs: 1_500 } });
}
