import t from 'tap';
import { usersNamed } from '../support/_generation.ts';
import { makeService, NOON } from '../support/_service.ts';

const DAY = 86_400_000;
const TARGETS = [
  '/data',
  '/data?limit=3',
  '/data?format=csv',
  '/data?min_age=18',
  '/stats',
  '/stats?histogram=true',
];
const ALL = [...TARGETS, '/data/100000', '/rejects', '/rejects?format=csv', '/changes?since=1'];

t.test('a response has an ETag, and caches must revalidate it', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 2_000));
  const tags = new Set();
  for (const target of ALL) {
    const { headers } = await ask(target);
    t.match(headers.etag, /^"1-[\w-]+"$/, target);
    t.equal(headers['cache-control'], 'no-cache', target);
    t.equal((await ask(target)).headers.etag, headers.etag, `${target}: the same again`);
    tags.add(headers.etag);
  }
  t.equal(tags.size, ALL.length, 'each has its own');
});

t.test('a request with the current ETag gets 304, without SQL', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 2_000));
  for (const target of ALL) {
    const { headers } = await ask(target);
    for (const [what, tag] of [
      ['as it is', headers.etag],
      ['among others', `"1-other", W/${headers.etag}`],
      ['any', '*'],
    ] as const) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(target, { 'if-none-match': tag }, method);
        t.equal(answer.status, 304, `${method} ${target}, ${what}`);
        t.equal(answer.body.length, 0, target);
        for (const name of ['etag', 'cache-control', 'landfall-generation', 'vary'])
          t.equal(answer.headers[name], headers[name], `${target}: ${name}`);
      }
    }
    const other = await ask(target, { 'if-none-match': '"1-other", "2-x"' });
    t.match(other, { status: 200, headers: { etag: headers.etag } }, target);
  }
  t.match(await ask('/data/nobody', { 'if-none-match': '*' }), { status: 404 });
});

t.test('each format has its own ETag, by Accept or by parameter', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 10));
  for (const [target, types] of [
    ['/data', ['application/json', 'application/x-ndjson', 'text/csv']],
    ['/rejects', ['application/json', 'text/csv']],
    ['/changes?since=1', ['application/json', 'application/x-ndjson']],
  ] as const) {
    const answers = await Promise.all(types.map((accept) => ask(target, { accept })));
    t.equal(new Set(answers.map(({ headers }) => headers.etag)).size, types.length, target);
    const [json, other] = answers;
    const mismatched = await ask(target, { accept: types[0], 'if-none-match': other?.headers.etag });
    t.match(mismatched, { status: 200, headers: { etag: json?.headers.etag } }, target);
  }
});

t.test('the ETag of either content coding is accepted', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 2_000));
  const packed = await ask('/data', { 'accept-encoding': 'gzip' });
  t.match(packed.headers.etag, /-gzip"$/);
  for (const coding of ['gzip', 'identity']) {
    const answer = await ask('/data', { 'accept-encoding': coding, 'if-none-match': packed.headers.etag });
    t.match(answer, { status: 304, headers: { etag: packed.headers.etag } }, coding);
  }
});

t.test('a new day changes the ETags of responses that depend on it, and no others', async (t) => {
  const { ask, publish, time } = await makeService(t);
  await publish(1, usersNamed('x', 10));
  const before = new Map<string, string | undefined>();
  for (const target of ALL) before.set(target, (await ask(target)).headers.etag);
  time.now = NOON + DAY / 2 - 1;
  for (const target of ALL) t.equal((await ask(target)).headers.etag, before.get(target), `${target}: today`);
  time.now = NOON + DAY / 2;
  for (const target of ALL) {
    const tag = before.get(target);
    const { status } = await ask(target, { 'if-none-match': tag });
    const dependsOnDay = /stats|age/.test(target);
    t.equal(status, dependsOnDay ? 200 : 304, `${target}: tomorrow`);
  }
});

t.test('each generation has its own ETags, and those of an older generation stay valid for it', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 10));
  const before = new Map<string, string | undefined>();
  for (const target of ALL) before.set(target, (await ask(target)).headers.etag);
  await publish(2, usersNamed('y', 10));
  for (const target of ALL) {
    t.equal((await ask(target, { 'if-none-match': before.get(target) })).status, 200, target);
  }
  const first = await ask('/data?generation=1');
  t.match(first, { headers: { 'landfall-generation': '1' } });
  t.match(await ask('/data?generation=1', { 'if-none-match': first.headers.etag }), { status: 304 });
});

t.test('HEAD has the headers of GET, and no body', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 2_000));
  for (const target of [
    ...ALL,
    '/generations',
    '/data?limit=2&count=true',
    '/data?sort=-birthts&format=ndjson',
  ]) {
    for (const coding of ['identity', 'gzip']) {
      const get = await ask(target, { 'accept-encoding': coding });
      const head = await ask(target, { 'accept-encoding': coding }, 'HEAD');
      t.equal(head.status, 200, target);
      t.equal(head.body.length, 0, target);
      const { date: _, 'transfer-encoding': __, connection: ___, ...expected } = get.headers;
      for (const [name, value] of Object.entries(expected))
        t.equal(head.headers[name], value, `${target}: ${name}`);
    }
  }
  for (const [target, status] of [
    ['/data/nobody', 404],
    ['/data?generation=9', 404],
    ['/data?x=1', 400],
  ] as const) {
    t.match(await ask(target, {}, 'HEAD'), { status, text: '' }, target);
  }
});

t.test('an error has no ETag', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 1));
  for (const target of ['/data/nobody', '/data?generation=9', '/data?limit=0', '/data?cursor=x']) {
    const { headers, status } = await ask(target);
    t.ok(status >= 400, target);
    t.equal(headers.etag, undefined, target);
  }
});
