import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import http from 'node:http';
import type { FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import { codeOf, connect } from '../support/_raw.ts';
import { makeService } from '../support/_service.ts';
import { fromText, newToken } from '../support/_tokens.ts';

const reader = newToken('reader', 'read');
const runner = newToken('runner', 'read,run');
const forcer = newToken('forcer', 'force');
const stranger = newToken('stranger', 'force');
const LINES = [reader.line, runner.line, forcer.line];
const USER = { user_id: '1', first_name: 'A', last_name: 'B', birthts: 5, img_path: 'src-data/1.png' };

/** What needs no token. A change of this list is a change of what is promised. */
const OPEN = [
  '/healthz',
  '/readyz',
  '/sign-in',
  '/sign-in/sign-in.css',
  '/sign-in/sign-in.js',
  '/sign-in/sign-in.svg',
];

/** A service with tokens, and all routes that Fastify has. */
async function makeGuarded(t: Test, isReadPublic = false) {
  const routes: { method: string; url: string }[] = [];
  const onInstance = (message: unknown) => {
    const { fastify }: { fastify: FastifyInstance } = Object(message);
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) routes.push({ method: each, url });
    });
  };
  diagnostics.subscribe('fastify.initialization', onInstance);
  const service = await makeService(t, { access: fromText(LINES, isReadPublic), runWaitMs: 1 });
  diagnostics.unsubscribe('fastify.initialization', onInstance);
  await service.store.createBucket('src-data');
  await service.store.put('src-data', '1.png', Buffer.from('a face'));
  await service.publish(1, [USER]);
  const targets = routes.map(({ method, url }) => ({
    method,
    open: OPEN.includes(url),
    target: url.replace(/:\w+/g, '1').replace('*', 'swagger-ui.css') + (url === '/changes' ? '?since=1' : ''),
  }));
  /** The head of an answer; the body of `/events` has no end. */
  async function head(target: string, method = 'GET', headers: http.OutgoingHttpHeaders = {}) {
    const request = http.request(service.address + target, { headers, method, agent: false }).end();
    request.on('error', () => undefined);
    const [response]: http.IncomingMessage[] = await once(request, 'response');
    request.destroy();
    return { status: response?.statusCode ?? 0, headers: response?.headers ?? {} };
  }
  return { ...service, targets, head };
}

const guarded = await makeGuarded(t);
const withPublicRead = await makeGuarded(t, true);

t.test('every route needs a token with its scope', async (t) => {
  const { targets, head } = guarded;
  t.ok(targets.length > 60, `${targets.length} routes`);
  t.ok(targets.some(({ target }) => target === '/data/1/image'));
  for (const { method, target, open } of targets) {
    const what = `${method} ${target}`;
    const needsRun = method === 'POST' && target !== '/sign-out';
    for (const [who, headers] of [
      ['no token', {}],
      ['a wrong token', stranger.header],
      ['another scheme', { authorization: `Basic ${reader.token}` }],
      ['a wrong cookie', { cookie: `landfall_session=reader~9999999999~${'A'.repeat(43)}` }],
    ] as const) {
      const answer = await head(target, method, headers);
      t.equal([401, 403].includes(answer.status), !open, `${what}: ${who}`);
      if (open) continue;
      t.equal(answer.status, 401, what);
      const error = who === 'a wrong token' ? ', error="invalid_token"' : '';
      t.equal(answer.headers['www-authenticate'], `Bearer realm="landfall"${error}`, what);
      t.match(
        answer.headers,
        { 'cache-control': 'private, no-cache', 'content-type': /problem\+json/ },
        what,
      );
    }
    const read = await head(target, method, reader.header);
    t.equal(read.status === 403, needsRun && !open, `${what}: read`);
    if (read.status === 403) {
      const challenge = 'Bearer realm="landfall", error="insufficient_scope", scope="run"';
      t.equal(read.headers['www-authenticate'], challenge);
    }
    const right = await head(target, method, needsRun ? runner.header : reader.header);
    t.notOk([401, 403].includes(right.status), `${what}: the right token: ${right.status}`);
    t.equal(right.headers['cache-control'], 'private, no-cache', what);
  }
});

t.test('with PUBLIC_READ, reading needs no token, and everything else does', async (t) => {
  const { targets, head } = withPublicRead;
  for (const { method, target, open } of targets) {
    const { status } = await head(target, method);
    const needsToken = method === 'POST' && !open && target !== '/sign-out';
    t.equal(status === 401, needsToken, `${method} ${target}: ${status}`);
  }
  t.equal((await head('/data', 'GET', stranger.header)).status, 401, 'a wrong token is never ignored');
  t.equal((await head('/data', 'POST', reader.header)).status, 403);
});

t.test('force=true needs its scope', async (t) => {
  const { ask, bus } = guarded;
  const forced: unknown[] = [];
  bus.respond('ingest.run', (request) => {
    forced.push(request);
    return { run_id: 'r' };
  });
  const prefer = { prefer: 'respond-async' };
  const refused = await ask('/data?force=true', { ...runner.header, ...prefer }, 'POST');
  t.match(refused, { status: 403, json: { code: 'forbidden', scope: 'force' } });
  t.equal((await ask('/data?force=false', { ...runner.header, ...prefer }, 'POST')).status, 202);
  t.equal((await ask('/data?force=true', { ...forcer.header, ...prefer }, 'POST')).status, 202);
  t.same(forced, [{ force: false }, { force: true }]);
});

t.test('no way to write an address gets around the check', async (t) => {
  const { address } = guarded;
  for (const target of [
    '/data/',
    '/data?',
    '//data',
    '/%64ata',
    '/DATA',
    '/healthz/../data',
    '/healthz%2f..%2fdata',
    '/healthz;/data',
    '/sign-in/../data',
    '/sign-in/%2e%2e/data',
    '/docs',
    '/docs/json',
    '/docs/static/..%2f..%2fpackage.json',
    'http://127.0.0.1/data',
    'http://127.0.0.1',
    '/unknown',
  ]) {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY']) {
      const raw = await connect(t, address);
      raw.send(`${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
      const answer = await raw.next({ isHead: method === 'HEAD' });
      t.equal(answer?.status, 401, `${method} ${target}`);
      raw.socket.destroy();
    }
  }
  const raw = await connect(t, address);
  raw.send('OPTIONS * HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  t.equal((await raw.next())?.status, 401, 'OPTIONS *');
  raw.send('GET http://127.0.0.1/healthz/ HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  t.equal((await raw.next())?.status, 200, 'an open path is open in every form');
});

t.test('pipelined requests are checked one by one', async (t) => {
  const { address } = guarded;
  const raw = await connect(t, address);
  const get = (headers: string) => `GET /data/1 HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\n`;
  const right = `authorization: bEaReR  ${reader.token} \r\n`;
  raw.send(get(right) + get('') + get(right));
  t.equal((await raw.next())?.status, 200, 'the scheme is in any case');
  t.equal(codeOf(await raw.next()), 'unauthorized');
  t.equal((await raw.next())?.status, 200);
});

t.test('a cached answer is not given to a client without a token', async (t) => {
  const { ask } = guarded;
  for (const target of ['/stats', '/data', '/data?limit=1', '/data/1']) {
    const first = await ask(target, reader.header);
    const again = await ask(target, reader.header);
    t.match(again, { status: 200, headers: { 'cache-control': 'private, no-cache' } }, target);
    t.equal(again.text, first.text);
    for (const method of ['GET', 'HEAD']) {
      const stored = { 'if-none-match': String(first.headers.etag) };
      t.equal((await ask(target, {}, method)).status, 401, `${method} ${target}`);
      t.equal((await ask(target, stored, method)).status, 401, `${method} ${target}, not modified`);
      const notModified = await ask(target, { ...stored, ...runner.header }, method);
      t.match(notModified, { status: 304, headers: { 'cache-control': 'private, no-cache' } });
    }
  }
});

t.test('streamed answers and companions are private', async (t) => {
  const { ask, publish } = guarded;
  const image = await ask('/data/1/image', reader.header);
  t.match(image, { status: 200, text: 'a face', headers: { 'cache-control': 'private, no-cache' } });
  const users = Array.from({ length: 2_000 }, (_, i) => ({ ...USER, user_id: String(10_000 + i) }));
  await publish(2, users);
  const rows = await ask('/data', reader.header);
  t.equal(rows.headers['content-length'], undefined, 'it is streamed');
  t.equal(rows.headers['cache-control'], 'private, no-cache');
});

t.test('without a token, /readyz answers with its code only', async (t) => {
  const { ask } = await makeService(t, { access: fromText(LINES) });
  const empty = await ask('/readyz');
  t.match(empty, { status: 503, text: '', headers: { 'retry-after': /\d/ } });
  t.match(await ask('/readyz', reader.header), { status: 503, json: { code: 'no_data_set' } });
  t.match(await ask('/readyz', stranger.header), { status: 503, text: '' });
  t.match(await guarded.ask('/readyz'), { status: 200, text: '' });
  t.match(await guarded.ask('/readyz', reader.header), { json: { status: 'ready', generation: 2 } });
});

t.test(
  'the OpenAPI document describes access when there are tokens, and is unchanged otherwise',
  async (t) => {
    const { ask } = guarded;
    const document = JSON.parse((await ask('/openapi.json', reader.header)).text);
    const open = JSON.parse((await (await makeService(t)).ask('/openapi.json')).text);
    t.same(open.security, [], 'no operation needs anything');
    t.notMatch(JSON.stringify(open), /securitySchemes|bearer|unauthorized|forbidden/i);
    t.same(Object.keys(document.components.securitySchemes), ['bearer', 'session']);
    t.same(Object.keys(document.paths), Object.keys(open.paths));
    t.same(document.paths['/healthz'].get.security, []);
    const { post } = document.paths['/data'];
    t.same(post.security, [{ bearer: [] }, { session: [] }]);
    t.ok(post.responses[401] && post.responses[403]);
    const { paths } = JSON.parse((await withPublicRead.ask('/openapi.json')).text);
    t.same(paths['/data'].get.security, [{}, { bearer: [] }, { session: [] }]);
  },
);
