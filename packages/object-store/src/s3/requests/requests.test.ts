import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import t, { type Test } from 'tap';
import { s3Requests } from './requests.ts';

/** The handler of one request. */
type Act = (request: IncomingMessage, response: ServerResponse) => void;

const answer =
  (status: number, body = ''): Act =>
  (_request, response) =>
    response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body);
const fine = answer(200, 'content');
const cutOff: Act = (_request, response) => {
  response.writeHead(200, { 'content-length': 100 }).write('half');
  setImmediate(() => response.destroy());
};
const hangUp: Act = (request) => request.socket.destroy();
const silent: Act = () => undefined;
const stuck: Act = (_request, response) => response.writeHead(200, { 'content-length': 100 }).write('half');
const errorOf = (code: string) => `<Error><Code>${code}</Code><Message>no</Message></Error>`;

t.test('transient errors are retried', async (t) => {
  const cases: [name: string, acts: Act[]][] = [
    ['500', [answer(500, errorOf('InternalError'))]],
    ['503, as a store that is too busy says', [answer(503, errorOf('SlowDown'))]],
    ['429', [answer(429)]],
    ['502 of a proxy, with a page of its own', [answer(502, '<html>Bad Gateway')]],
    ['a connection that is reset', [hangUp]],
    ['an answer that breaks off', [cutOff]],
    ['no answer in time', [silent]],
    ['an answer that goes no further', [stuck]],
    ['several of them', [answer(500), hangUp, answer(429), cutOff]],
  ];
  for (const [name, acts] of cases) {
    const { read, seen } = await faulty(t, [...acts, fine]);
    t.equal(await read(), 'content', name);
    t.equal(seen.length, acts.length + 1, `${name}: and no more often`);
  }
});

t.test('permanent errors are not retried', async (t) => {
  const cases: [status: number, s3Code: string, code: string][] = [
    [404, 'NoSuchKey', 'not_found'],
    [404, 'NoSuchBucket', 'bucket_not_found'],
    [403, 'AccessDenied', 'access_denied'],
    [403, 'SignatureDoesNotMatch', 'access_denied'],
    [400, 'KeyTooLongError', 'invalid_key'],
    [400, 'SomethingNew', 'unreadable'],
  ];
  for (const [status, s3Code, code] of cases) {
    const { read, seen } = await faulty(t, [answer(status, errorOf(s3Code)), fine]);
    await t.rejects(read(), { name: 'StoreError', code }, s3Code);
    t.equal(seen.length, 1, `${s3Code}: once`);
  }
});

t.test('after five attempts with growing, random waits the error is returned', async (t) => {
  const { read, seen } = await faulty(t, Array(9).fill(answer(503, errorOf('SlowDown'))));
  await t.rejects(read(), { name: 'StoreError', code: 'unavailable' });
  t.equal(seen.length, 5);
  const waits = seen.slice(1).map((at, i) => at - (seen[i] ?? 0));
  // A timer may come late, never early: 100, 200, 400 and 800 ms are the least.
  for (const [i, wait] of waits.entries())
    t.ok(wait >= 100 * 2 ** i - 5, `${i + 1}. wait: ${Math.round(wait)} ms`);
});

t.test('a server that does not exist', async (t) => {
  const { read, stop } = await faulty(t, []);
  await stop();
  await t.rejects(read(), { name: 'StoreError', code: 'unavailable' });
});

/** A server that does one thing after the other; what comes after the last is a test's mistake. */
async function faulty(t: Test, acts: Act[]) {
  const seen: number[] = [];
  const server = http.createServer((request, response) => {
    seen.push(performance.now());
    const act = acts[seen.length - 1] ?? answer(418);
    act(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await once(server.close(), 'close');
  };
  const requests = s3Requests(
    { endpoint: `http://127.0.0.1:${port}` },
    { accessKey: 'key', secretKey: 'secret' },
    async () => 'us-east-1',
    {
      connectMs: 200,
      answerMs: 200,
      pieceMs: 200,
      attemptMs: 5_000,
      callMs: 30_000,
      copyMs: 0,
      firstWaitMs: 100,
    },
  );
  t.teardown(stop);
  return {
    seen,
    stop,
    read: () =>
      requests.send({ method: 'GET', bucket: 'bucket', key: 'key', purpose: 'read' }, ({ body }) =>
        body.text(),
      ),
  };
}
