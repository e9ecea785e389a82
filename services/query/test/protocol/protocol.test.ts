import t, { type Test } from 'tap';
import { usersNamed } from '../support/_generation.ts';
import { connect, get, type RawAnswer } from '../support/_raw.ts';
import { makeService } from '../support/_service.ts';

async function withUsers(t: Test, changes: Parameters<typeof makeService>[1] = {}) {
  const service = await makeService(t, changes);
  await service.publish(1, usersNamed('x', 3));
  return service;
}

/** What a fresh connection answers to some bytes. */
async function answerTo(t: Test, address: string, bytes: string): Promise<RawAnswer | undefined> {
  const raw = await connect(t, address);
  raw.send(bytes);
  const answer = await raw.next();
  raw.socket.destroy();
  return answer;
}

function isProblem(t: Test, answer: RawAnswer | undefined, status: number, code: string, what: string): void {
  t.equal(answer?.status, status, what);
  t.match(answer?.headers['content-type'], /^application\/problem\+json/, what);
  t.match(
    JSON.parse(answer?.body ?? '{}'),
    { type: 'about:blank', status, code, title: /./, detail: /./ },
    what,
  );
}

t.test('an address that is not percent-encoded gets a hint', async (t) => {
  const { address } = await withUsers(t);
  const answer = await answerTo(t, address, get('/data?first_name=José'));
  isProblem(t, answer, 400, 'bad_request', 'a letter that is not ASCII');
  t.match(JSON.parse(answer?.body ?? '{}'), { detail: /percent-encoded/ });
});

t.test('bytes that are not a request get a problem', async (t) => {
  const { address } = await withUsers(t);
  const long = 'x'.repeat(70_000);
  for (const [what, bytes, status, code] of [
    ['not HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
    ['no path', 'GET foo HTTP/1.1\r\nhost: localhost\r\n\r\n', 400, 'bad_request'],
    ['an asterisk', get('*'), 400, 'bad_request'],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, 'bad_request'],
    ['a space in a header name', get('/healthz', 'a b: c\r\n'), 400, 'bad_request'],
    ['a bad escape', get('/data/%zz'), 400, 'bad_request'],
    ['long headers', get('/healthz', `x: ${long}\r\n`), 431, 'headers_too_large'],
    ['a long path', get(`/data/${'x'.repeat(4_000)}`), 414, 'uri_too_long'],
    ['an expectation', get('/healthz', 'expect: a cake\r\n'), 417, 'expectation_failed'],
    ['a tunnel', 'CONNECT x:1 HTTP/1.1\r\nhost: localhost:1\r\n\r\n', 405, 'method_not_allowed'],
    ['a QUERY', 'QUERY /data HTTP/1.1\r\nhost: localhost\r\n\r\n', 405, 'method_not_allowed'],
    [
      'a long body',
      `POST /data HTTP/1.1\r\nhost: localhost\r\ncontent-length: 70000\r\n\r\n`,
      413,
      'body_too_large',
    ],
  ] as const) {
    isProblem(t, await answerTo(t, address, bytes), status, code, what);
  }
});

t.test('1,000 ids of 36 characters fit into a request', async (t) => {
  const { address } = await withUsers(t);
  const ids = Array.from({ length: 1_000 }, (_, i) => `user_id=${String(i).padStart(36, 'a')}`);
  const answer = await answerTo(t, address, get(`/data?${ids.join('&')}&user_id`.replace(/&user_id$/, '')));
  t.match(answer, { status: 200, body: '[]' });
});

t.test('the absolute form of an address is served as its path', async (t) => {
  const { address } = await withUsers(t);
  t.match(await answerTo(t, address, get('http://localhost/data?limit=1')), {
    status: 200,
    body: /100000/,
  });
  t.match(await answerTo(t, address, get('http://localhost')), {
    status: 200,
    headers: { 'content-type': /html/ },
  });
});

t.test('an unsupported method gets 405 with the supported ones', async (t) => {
  const { ask } = await withUsers(t);
  for (const [method, target, allow] of [
    ['DELETE', '/data', 'GET, HEAD, OPTIONS, POST'],
    ['PUT', '/data/100000', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/data/100000/image?x=1', 'GET, HEAD, OPTIONS'],
    ['POST', '/stats/', 'GET, HEAD, OPTIONS'],
    ['POST', '/runs/x', 'GET, HEAD, OPTIONS'],
    ['HEAD', '/events', 'GET, OPTIONS'],
    ['TRACE', '/', 'GET, HEAD, OPTIONS'],
    ['PURGE', '/data', 'GET, HEAD, OPTIONS, POST'],
  ] as const) {
    const { status, headers, json } = await ask(target, {}, method);
    t.equal(status, 405, `${method} ${target}`);
    t.equal(headers.allow, allow, `${method} ${target}`);
    t.match(headers['content-type'], /problem\+json/);
    if (method !== 'HEAD') t.match(json, { code: 'method_not_allowed', allow: allow.split(', ') });
  }
  t.match(await ask('/data', {}, 'OPTIONS'), { status: 204, headers: { allow: 'GET, HEAD, OPTIONS, POST' } });
  t.match(await ask('/nothing', {}, 'OPTIONS'), { status: 404, json: { code: 'not_found' } });
  t.match(await ask('/nothing', {}, 'DELETE'), { status: 404, json: { code: 'not_found' } });
});

t.test('OPTIONS * names all methods', async (t) => {
  const { address } = await withUsers(t);
  const answer = await answerTo(t, address, 'OPTIONS * HTTP/1.1\r\nhost: localhost\r\n\r\n');
  t.match(answer, { status: 204, headers: { allow: 'GET, HEAD, OPTIONS, POST' } });
});

t.test('a trailing slash is ignored', async (t) => {
  const { ask } = await withUsers(t);
  for (const target of [
    '/data',
    '/data?limit=2',
    '/data/100000',
    '/stats',
    '/rejects',
    '/generations',
    '/runs',
  ]) {
    const [path = '', query] = target.split('?');
    const slashed = `${path}/${query ? `?${query}` : ''}`;
    const [bare, other] = [await ask(target), await ask(slashed)];
    t.equal(other.status, 200, slashed);
    t.equal(other.text, bare.text, slashed);
    t.equal(other.headers.etag, bare.headers.etag, slashed);
    t.equal(other.headers.link, bare.headers.link, slashed);
    t.match(await ask(slashed, {}, 'HEAD'), { status: 200, text: '' });
  }
  t.match(await ask('/docs/static/..%2f..%2fpackage.json'), { status: 404 });
  t.match(await ask('/docs/'), { status: 200, headers: { 'content-type': /html/ } });
  t.match(await ask('/data//'), { status: 200 });
  t.match(
    await ask('/data/', {}, 'POST'),
    { status: 503, json: { code: 'ingestor_unavailable' } },
    'it is POST /data',
  );
});

t.test('a header with the value undefined does not count as missing', async (t) => {
  const { ask } = await withUsers(t);
  t.equal((await ask('/data?limit=1')).status, 200);
  t.equal((await ask('/data?limit=1', { accept: 'undefined' })).status, 406);
  t.equal((await ask('/data?limit=1', { accept: '\r'.trim() })).status, 200, 'an empty one is');
  const missing = await ask('/data?limit=2');
  const text = await ask('/data?limit=2', { 'accept-encoding': 'undefined' });
  t.equal(missing.text, text.text);
});

t.test('names and ids match in both Unicode forms of an accent', async (t) => {
  const service = await makeService(t);
  const id = 'zo\u00e9';
  await service.publish(1, [
    { user_id: id, first_name: 'Jos\u00e9', last_name: 'Garc\u00eda', birthts: 5, img_path: null },
  ]);
  for (const form of ['NFC', 'NFD']) {
    const spelled = (text: string) => encodeURIComponent(text.normalize(form));
    for (const target of [
      `/data/${spelled(id)}`,
      `/data?user_id=${spelled(id)}`,
      `/data?first_name=${spelled('Jos\u00e9')}`,
      `/data?first_name=${spelled('Jos\u00e9')}*`,
      `/data?last_name=${spelled('Garc\u00ed')}*`,
    ]) {
      const { status, text } = await service.ask(target);
      t.equal(status, 200, `${form} ${target}`);
      t.match(text, id, `${form} ${target}`);
    }
    t.match((await service.ask(`/stats?first_name=${spelled('Jos\u00e9')}`)).json, { count: 1 }, form);
    t.match((await service.ask(`/data/${spelled(id)}/image`)).json, { code: 'image_not_found' }, form);
  }
});

t.test('min_generation does not delay the error of an invalid request', async (t) => {
  const service = await makeService(t, { generationWaitMs: 3_600_000 });
  await service.publish(1, usersNamed('x', 3));
  for (const wrong of [
    '/data?min_generation=9&cursor=nonsense',
    '/data?min_generation=9&min_age=9&max_age=8',
    '/data?min_generation=9&format=xml',
    '/data?min_generation=9&generation=1&cursor=x',
    '/stats?min_generation=9&min_age=9&max_age=8',
    '/changes?min_generation=9&since=x',
  ]) {
    t.match((await service.ask(wrong)).json, { code: 'bad_parameter' }, wrong);
  }
  t.equal((await service.ask('/data?min_generation=9', { accept: 'image/png' })).status, 406);
});
