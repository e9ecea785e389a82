import { once } from 'node:events';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { StoreError } from '../object-store.ts';
import { s3Store } from '../s3-store.ts';
import {
  type Act,
  answer,
  hangUp,
  inTurn,
  object,
  refusal,
  scriptedS3,
  TEST_DEADLINES,
} from './_scripted-s3.ts';

const HTML = '<html><body>Not Found</body></html>';
const error = (code: string) => ({ name: 'StoreError', code });

t.test('a GET confirms the 404 of a HEAD', async (t) => {
  const byMethod =
    (head: Act, get: Act): Act =>
    (request, response) =>
      (request.method === 'HEAD' ? head : get)(request, response);
  const none = await scriptedS3(t, byMethod(answer(404), refusal(404, 'NoSuchKey')));
  t.equal(await none.store.head('bucket', 'a'), undefined, 'confirmed');
  const page = await scriptedS3(t, byMethod(answer(404), answer(404, HTML)));
  await t.rejects(page.store.head('bucket', 'a'), error('unavailable'), 'the page of a proxy');
  const empty = await scriptedS3(t, byMethod(answer(404), answer(404)));
  await t.rejects(empty.store.head('bucket', 'a'), error('unavailable'), 'nothing');
  const there = await scriptedS3(t, byMethod(answer(404), object('content')));
  t.same(await there.store.head('bucket', 'a'), { size: 7, etag: 'abc' }, 'it is there');
  const archived = await scriptedS3(t, byMethod(answer(500), refusal(403, 'InvalidObjectState')));
  await t.rejects(archived.store.head('bucket', 'a'), error('unreadable'), 'the GET says why');
  const bucket = await scriptedS3(t, byMethod(answer(404), refusal(404, 'NoSuchBucket')));
  await t.rejects(bucket.store.head('bucket', 'a'), error('bucket_not_found'), 'the bucket is not there');
});

t.test('only S3 error documents describe an object', async (t) => {
  const bodies = [
    HTML,
    '',
    '{"code":"NoSuchKey"}',
    '<Error><Code>NoSuchKey</Code>',
    '<Error><Code><x/></Code></Error>',
    '<NoSuchKey/>',
  ];
  for (const status of [301, 400, 401, 403, 404, 410, 418, 500, 503]) {
    for (const body of bodies) {
      const { store } = await scriptedS3(t, answer(status, body));
      await t.rejects(store.read('bucket', 'a', 10), error('unavailable'), `${status} ${body}`);
    }
  }
});

t.test('an error of one object affects only that object', async (t) => {
  const cases: [status: number, s3Code: string, code: string][] = [
    [403, 'InvalidObjectState', 'unreadable'],
    [400, 'InvalidRequest', 'unreadable'],
    [500, 'InternalError', 'unreadable'],
    [403, 'AccessDenied', 'access_denied'],
    [404, 'NoSuchKey', 'not_found'],
  ];
  const { store } = await scriptedS3(t, (request, response) => {
    const [status, s3Code] = cases[Number(request.url?.split('/').at(-1))] ?? [0, ''];
    (status ? refusal(status, s3Code, `says ${s3Code}`) : object('content'))(request, response);
  });
  const read: [string, string | undefined][] = [];
  const objects = [...cases.keys(), 'fine'].map((key) => ({ key: String(key), size: 7, etag: 'abc' }));
  await store.readEach('bucket', objects, { maxBytes: 10, concurrency: 9 }, (key, result) => {
    read.push([key, result instanceof StoreError ? result.code : Buffer.from(result.bytes).toString()]);
    if (result instanceof StoreError)
      t.match(result.message, `bucket/${key}: says ${cases[Number(key)]?.[1]}`, 'with what the store said');
  });
  t.same(Object.fromEntries(read), { ...cases.map(([, , code]) => code), fine: 'content' });
});

t.test('an error of the store affects all objects', async (t) => {
  for (const act of [refusal(503, 'SlowDown'), refusal(503, 'ServiceUnavailable'), answer(502), hangUp]) {
    const { store } = await scriptedS3(t, act);
    const objects = [{ key: 'a', size: 7, etag: 'abc' }];
    const read = store.readEach('bucket', objects, { maxBytes: 10, concurrency: 1 }, () => t.fail());
    await t.rejects(read, error('unavailable'));
  }
});

t.test('a listed version has the listed size', async (t) => {
  const { store } = await scriptedS3(t, (request, response) =>
    object('content', { etag: request.url?.endsWith('new') ? '"def"' : 'W/"abc"' })(request, response),
  );
  const results = new Map<string, unknown>();
  const objects = ['short', 'new', 'fine'].map((key) => ({
    key,
    size: key === 'fine' ? 7 : 11,
    etag: 'abc',
  }));
  await store.readEach('bucket', objects, { maxBytes: 10, concurrency: 1 }, (key, read) =>
    results.set(key, read instanceof StoreError ? read.code : { size: read.size, etag: read.etag }),
  );
  t.same(Object.fromEntries(results), {
    short: 'unreadable',
    new: { size: 7, etag: 'def' },
    fine: { size: 7, etag: 'abc' },
  });
});

const head = (length: string) => `HTTP/1.1 200 OK\r\nETag: "abc"\r\n${length}\r\n\r\n`;

t.test('a body has the announced length', async (t) => {
  const cases: [name: string, bytes: string, code: string][] = [
    ['too short, closed', `${head('Content-Length: 7')}conte`, 'unreadable'],
    ['in chunks, cut after one', `${head('Transfer-Encoding: chunked')}5\r\nconte\r\n`, 'unavailable'],
    ['in chunks, whole', `${head('Transfer-Encoding: chunked')}7\r\ncontent\r\n0\r\n\r\n`, 'unavailable'],
    ['until the connection closes', `${head('Connection: close')}content`, 'unavailable'],
    ['two lengths', `${head('Content-Length: 7\r\nContent-Length: 5')}content`, 'unavailable'],
    ['no number', `${head('Content-Length: seven')}content`, 'unavailable'],
    ['no ETag and no time', 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ncontent', 'unavailable'],
  ];
  for (const [name, bytes, code] of cases) {
    const store = await rawServer(t, bytes);
    await t.rejects(store.read('bucket', 'a', 10), error(code), name);
  }
  const store = await rawServer(t, `${head('Content-Length: 7')}content and more`);
  t.equal(Buffer.from((await store.read('bucket', 'a', 10)).bytes).toString(), 'content', 'too long');
});

t.test('an interrupted stream ends with a StoreError', async (t) => {
  const store = await rawServer(t, `${head('Content-Length: 7')}conte`);
  const { body } = await store.open('bucket', 'a');
  await t.rejects(buffer(body), error('unreadable'));
});

t.test('a copy that failed in a 200 is retried, with the reason', async (t) => {
  const failed = answer(200, '<Error><Code>InternalError</Code><Message>Try again.</Message></Error>');
  const copied = answer(200, '<CopyObjectResult><ETag>"abc"</ETag></CopyObjectResult>');
  const found = object('content');
  const healed = await scriptedS3(t, inTurn(failed, copied, found));
  t.same(await healed.store.copy('bucket', 'a', 'b'), { size: 7, etag: 'abc' });
  const lasting = await scriptedS3(t, failed);
  await t.rejects(lasting.store.copy('bucket', 'a', 'b'), {
    ...error('unavailable'),
    message: /Try again\./,
  });
  for (const body of ['', HTML, '<CopyObjectResult>', '<Error><Code><x/></Code></Error>']) {
    const { store } = await scriptedS3(t, answer(200, body));
    const copy = store.copy('bucket', 'a', 'b');
    await t.rejects(copy, { ...error('unavailable'), message: /^(?!.*\[object)/ }, `“${body}”`);
  }
});

t.test('a put without an ETag in its answer is checked by HEAD', async (t) => {
  const { store, seen } = await scriptedS3(t, inTurn(answer(200), object('content')));
  t.same(await store.put('bucket', 'a', Buffer.from('content')), { size: 7, etag: 'abc' });
  t.same(seen, ['PUT /bucket/a', 'HEAD /bucket/a']);
  const elsewhere = await scriptedS3(t, inTurn(answer(200, HTML), object('other content')));
  await t.rejects(elsewhere.store.put('bucket', 'a', Buffer.from('content')), error('unavailable'));
});

t.test('an invalid key never reaches the store', async (t) => {
  const { store, seen } = await scriptedS3(t, object('content'));
  for (const key of ['', 'half\ud83d']) {
    await t.rejects(store.read('bucket', key, 1), error('invalid_key'));
    await t.rejects(store.put('bucket', key, Buffer.from('x')), error('invalid_key'));
    await t.rejects(store.copy('bucket', key, 'b'), error('invalid_key'));
  }
  for (const bucket of ['', 'a/b', 'a?b', '漢'])
    await t.rejects(store.read(bucket, 'a', 1), error('bucket_not_found'));
  t.same(seen, []);
});

/** A server that answers every request for an object with these bytes, and closes the connection. */
async function rawServer(t: Test, bytes: string) {
  const location = '<LocationConstraint/>';
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      if (!request.includes('location=')) return void socket.end(bytes);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${location.length}\r\n\r\n${location}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const access = { endpoint: `http://127.0.0.1:${port}`, accessKey: 'key', secretKey: 'secret' };
  return s3Store(access, { deadlines: TEST_DEADLINES });
}

t.test('a range is what was requested, of the requested version', async (t) => {
  const range = { etag: 'abc', first: 2, last: 4 };
  const part = (contentRange: string, body = '234', etag = '"abc"', status = 206) =>
    answer(status, body, { etag, 'content-range': contentRange });
  const asked: unknown[] = [];
  const { store, seen } = await scriptedS3(t, (request, response) => {
    asked.push([request.headers.range, request.headers['if-match']]);
    part('bytes 2-4/10')(request, response);
  });
  const opened = await store.open('bucket', 'a', range);
  t.same([opened.size, opened.etag, (await buffer(opened.body)).toString()], [10, 'abc', '234']);
  t.same(asked, [['bytes=2-4', '"abc"']]);
  t.equal(seen.length, 1);

  const wrong: Record<string, Act> = {
    'other bytes': part('bytes 3-5/10'),
    'fewer bytes': part('bytes 2-3/10', '23'),
    'another length than announced': part('bytes 2-4/10', '2345'),
    'no size': part('bytes 2-4/*'),
    'no Content-Range': answer(206, '234', { etag: '"abc"' }),
    'the whole object': object('0123456789'),
  };
  for (const [what, act] of Object.entries(wrong)) {
    const scripted = await scriptedS3(t, act);
    await t.rejects(scripted.store.open('bucket', 'a', range), error('unavailable'), what);
  }
  const others: Record<string, Act> = {
    'another version': part('bytes 2-4/10', '234', '"other"'),
    'a refusal of the condition': refusal(412, 'PreconditionFailed'),
    'a refusal of the range': refusal(416, 'InvalidRange'),
  };
  for (const [what, act] of Object.entries(others)) {
    const scripted = await scriptedS3(t, act);
    await t.rejects(scripted.store.open('bucket', 'a', range), error('precondition_failed'), what);
    t.equal(scripted.seen.length, 1, `${what}: is not requested again`);
  }
  const unknown = await scriptedS3(t, answer(206, '234', { 'content-range': 'bytes 2-4/10' }));
  await t.rejects(unknown.store.open('bucket', 'a', range), error('unavailable'), 'no version');
});
