import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { HEADER, makeApi, NOON } from './_api.ts';

/** Four users: 17, 18, 30 and 40 years old on 2026-06-01; the first and the last have an image. */
async function withUsers(t: Test) {
  const api = await makeApi(t);
  api.put('a.csv', `${HEADER}Ann, A, ${Date.UTC(2008, 5, 2)}\n`);
  api.put('b.csv', `${HEADER}Ben, B, ${Date.UTC(2008, 5, 1, 23)}\n`);
  api.put('c.csv', `${HEADER}Cem, C, ${Date.UTC(1996, 4, 1)}\n`);
  api.put('d.csv', `${HEADER}Dot, D, ${Date.UTC(1986, 4, 1)}\n`);
  api.put('a.png', 'face of a');
  api.put('d.JPG', 'face of d');
  await api.ingest();
  return api;
}
const ids = (json: unknown): unknown => (Array.isArray(json) ? json.map(({ user_id: id }) => id) : json);

t.test('GET /data returns the matching rows', async (t) => {
  const { ask, time } = await withUsers(t);
  for (const [query, expected] of [
    ['', ['a', 'b', 'c', 'd']],
    ['?is_image_exists=true', ['a', 'd']],
    ['?is_image_exists=FALSE', ['b', 'c']],
    ['?min_age=18', ['b', 'c', 'd']],
    ['?max_age=17', ['a']],
    ['?min_age=18&max_age=30', ['b', 'c']],
    ['?min_age=30&max_age=30', ['c']],
    ['?min_age=18&is_image_exists=true', ['d']],
    ['?min_age=41', []],
    ['?min_age=0&max_age=150', ['a', 'b', 'c', 'd']],
    ['?born_after=1996-05-01', ['a', 'b']],
    ['?born_before=1996-05-01', ['d']],
    ['?born_after=1996-04-30&born_before=1996-05-02', ['c']],
    ['?user_id=d&user_id=a&user_id=x', ['a', 'd']],
    ['?first_name=Ben', ['b']],
    ['?first_name=ben', []],
    ['?last_name=*&first_name=D*', ['d']],
    ['?sort=-birthts', ['a', 'b', 'c', 'd']],
    ['?sort=img_path', ['b', 'c', 'a', 'd']],
    ['?sort=-img_path&limit=3', ['d', 'a', 'b']],
  ] as const) {
    const { status, json, headers } = await ask(`/data${query}`);
    t.equal(status, 200, query);
    t.same(ids(json), expected, query);
    t.equal(headers.get('landfall-generation'), '1');
    t.match(headers.get('content-type'), /^application\/json/);
  }
  t.same((await ask('/data?max_age=17')).json, [
    {
      user_id: 'a',
      first_name: 'Ann',
      last_name: 'A',
      birthts: Date.UTC(2008, 5, 2),
      img_path: 'src-data/a.png',
    },
  ]);
  time.now = NOON + 86_400_000;
  t.same(ids((await ask('/data?max_age=17')).json), [], 'the next day she is 18');
});

t.test('GET /stats returns statistics of the matching rows', async (t) => {
  const { ask } = await withUsers(t);
  for (const [query, expected] of [
    ['', { average_age: (17 + 18 + 30 + 40) / 4, count: 4 }],
    ['?is_image_exists=true', { average_age: (17 + 40) / 2, count: 2 }],
    ['?min_age=18&max_age=30', { average_age: 24, count: 2 }],
    ['?min_age=100', { average_age: null, count: 0 }],
  ] as const) {
    const { json, headers } = await ask(`/stats${query}`);
    t.match(json, expected, query);
    t.equal(headers.get('landfall-generation'), '1');
  }
});

t.test('an invalid request is an error that names the parameter', async (t) => {
  const { ask } = await withUsers(t);
  for (const [target, parameters] of [
    ['/data?limit=0', ['limit']],
    ['/data?cursor=x', ['cursor']],
    ['/data?sort=age', ['sort']],
    ['/data?format=xml', ['format']],
    ['/data?born_after=2001-02-29', ['born_after']],
    ['/data?born_after=2001-01-02&born_before=2001-01-01', ['born_after', 'born_before']],
    ['/data?generation=one', ['generation']],
    ['/data?min_agee=1', ['min_agee']],
    ['/data?min_age=151', ['min_age']],
    ['/data?max_age=-1', ['max_age']],
    ['/data?min_age=5&max_age=4', ['min_age', 'max_age']],
    ['/data?min_age=1&min_age=2', ['min_age']],
    ['/stats?is_image_exists=maybe', ['is_image_exists']],
    ['/stats?limit=1', ['limit']],
    ['/data/a?x=1', ['x']],
    ['/data/a/image?x=1', ['x']],
    ['/rejects?x=1', ['x']],
    ['/runs?x=1', ['x']],
    ['/events?x=1', ['x']],
    ['/healthz?x=1', ['x']],
    ['/openapi.json?x=1', ['x']],
  ] as const) {
    const { status, json, headers } = await ask(target);
    t.equal(status, 400, target);
    t.match(json, { code: 'bad_parameter', status: 400, parameters }, target);
    t.match(headers.get('content-type'), /^application\/problem\+json/, target);
  }
});

t.test('a missing resource is a 404', async (t) => {
  const { ask } = await withUsers(t);
  for (const [target, code] of [
    ['/assets/', 'not_found'],
    ['/metric', 'not_found'],
    ['/data/zzz', 'user_not_found'],
    ['/data/zzz/image', 'user_not_found'],
    ['/data/b/image', 'image_not_found'],
    ['/runs/zzz', 'run_not_found'],
  ] as const) {
    const { status, json, headers } = await ask(target);
    t.equal(status, 404, target);
    t.match(json, { code, status: 404, detail: /./ }, target);
    t.match(headers.get('content-type'), /^application\/problem\+json/, target);
  }
  t.match((await ask('/data/a', { method: 'DELETE' })).json, { status: 405, code: 'method_not_allowed' });
  t.equal((await ask('/data/')).text, (await ask('/data')).text);
  const { status, json } = await ask('/data/%zz');
  t.equal(status, 400);
  t.match(json, { code: 'bad_request' }, 'an address that can’t be read');
});

t.test('one row, for any id', async (t) => {
  const api = await makeApi(t);
  const odd = [
    '0001',
    'with blank',
    '100%',
    'a+b',
    'Zoë',
    '漢字😀',
    'first.last',
    'a..',
    'x'.repeat(240),
    '?#&=',
    '<b>"\'',
  ];
  for (const id of odd) {
    api.put(`${id}.csv`, `${HEADER}First, Last, 5\n`);
    api.put(`${id}.png`, `face of ${id}`);
  }
  await api.ingest();
  for (const id of odd) {
    const target = `/data/${encodeURIComponent(id)}`;
    t.match((await api.ask(target)).json, { user_id: id, img_path: `src-data/${id}.png` }, id);
    t.equal((await api.ask(`${target}/image`)).text, `face of ${id}`, id);
  }
  t.same(
    ids((await api.ask('/data')).json),
    odd.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
});

t.test('the image is unchanged and has the object’s ETag', async (t) => {
  const { ask, put, remove, store } = await withUsers(t);
  const first = await ask('/data/d/image');
  t.match(first, { status: 200, text: 'face of d' });
  t.equal(first.headers.get('content-type'), 'image/jpeg');
  t.equal(first.headers.get('content-length'), '9');
  t.equal(first.headers.get('x-content-type-options'), 'nosniff');
  const opened = await store.open('src-data', 'd.JPG');
  await buffer(opened.body);
  t.equal(first.headers.get('etag'), `"${opened.etag}"`);
  put('d.JPG', 'another face');
  const second = await ask('/data/d/image');
  t.equal(second.text, 'another face', 'at once, without a run');
  t.not(second.headers.get('etag'), first.headers.get('etag'));
  const known = (tag: string | null) => ask('/data/d/image', { headers: { 'if-none-match': tag ?? '' } });
  t.match(await known(second.headers.get('etag')), { status: 304, text: '' });
  t.equal((await known(first.headers.get('etag'))).status, 200);
  t.equal((await ask('/data/d/image', { method: 'HEAD' })).headers.get('content-length'), '12');
  remove('d.JPG');
  t.match(await ask('/data/d/image'), { status: 404, json: { code: 'image_not_found' } });
});

t.test('an ETag identifies an answer', async (t) => {
  const { ask, put, time } = await withUsers(t);
  const etag = async (target: string) => (await ask(target)).headers.get('etag');
  const before = await Promise.all(['/data', '/stats', '/data?min_age=18', '/data/a', '/rejects'].map(etag));
  t.equal(new Set(before).size, 5, 'each has its own');
  t.equal(await etag('/data?min_age=18'), before[2], 'the same again');
  time.now += 86_400_000;
  t.equal(await etag('/data'), before[0], 'what has no ages in it does not change with the day');
  t.not(await etag('/stats'), before[1]);
  t.not(await etag('/data?min_age=18'), before[2]);
  time.now -= 86_400_000;
  put('e.csv', `${HEADER}Eve, E, 5\n`);
  t.equal((await ask('/data', { method: 'POST' })).status, 200);
  t.not(await etag('/data'), before[0]);
  t.equal((await ask('/data')).headers.get('landfall-generation'), '2');
});

t.test('before the first data set, answers have Retry-After', async (t) => {
  const { ask, ingest } = await makeApi(t);
  for (const target of ['/data', '/stats', '/data/a', '/data/a/image', '/rejects', '/readyz']) {
    const { status, headers, json } = await ask(target);
    t.equal(status, 503, target);
    t.match(json, { code: 'no_data_set' }, target);
    t.ok(Number(headers.get('retry-after')) > 0, target);
  }
  t.match(await ask('/healthz'), { status: 200, json: { status: 'ok' } });
  t.match(await ask('/runs'), { status: 200, json: [] });
  await ingest();
  t.match(await ask('/readyz'), {
    status: 200,
    json: { status: 'ready', generation: 1, event_bus: 'connected' },
  });
  t.match(await ask('/data'), { status: 200, text: '[]' });
  t.match((await ask('/stats')).json, { average_age: null, count: 0 });
});

t.test('a long answer is complete, in order and of one generation', async (t) => {
  const api = await makeApi(t);
  const count = 4_321;
  for (let i = 0; i < count; i++) api.put(`${10_000 + i}.csv`, `${HEADER}First, Last ${i}, ${i}\n`);
  await api.ingest();
  t.same(
    ids((await api.ask('/data')).json),
    Array.from({ length: count }, (_, i) => String(10_000 + i)),
  );
  t.equal((await api.ask('/data?format=csv')).text, api.output());
});

t.test('a client that disconnects does not affect others', async (t) => {
  const api = await makeApi(t);
  for (let i = 0; i < 3_000; i++) api.put(`${i}.csv`, `${HEADER}${'x'.repeat(1_000)}, Last, ${i}\n`);
  await api.ingest();
  await new Promise<void>((resolve) => {
    http.get(`${api.address}/data`, (answer) =>
      answer.once('data', () => answer.destroy()).once('close', () => resolve()),
    );
  });
  t.equal((await api.ask('/stats')).status, 200);
  t.equal(JSON.parse((await api.ask('/data')).text).length, 3_000);
});

t.test('/rejects lists the current rejects', async (t) => {
  const api = await withUsers(t);
  api.put('a.csv', 'broken');
  api.put('z/a.csv', `${HEADER}Ann, A, 5\n`);
  await api.ask('/data', { method: 'POST' });
  t.match((await api.ask('/rejects')).json, [
    {
      key: 'a.csv',
      user_id: 'a',
      reason: 'missing_column',
      kept_previous: true,
      since: '2026-06-01T12:00:00.000Z',
    },
    { key: 'z/a.csv', user_id: 'a', reason: 'duplicate_user', kept_previous: false },
  ]);
  const { bytes } = await api.store.read('processed-data', 'rejects.csv', 10_000);
  t.equal((await api.ask('/rejects?format=csv')).text, Buffer.from(bytes).toString());
  t.match((await api.ask('/data/a')).json, { first_name: 'Ann' });
});
