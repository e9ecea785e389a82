import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { type UserReject, usersNamed } from '../support/_generation.ts';
import { makeService } from '../support/_service.ts';

const REJECTS: UserReject[] = ['a, "quoted".csv', 'b.csv'].map((key) => ({
  key,
  user_id: 'a',
  reason: 'malformed_csv',
  detail: 'two\nlines',
  since: '2026-06-01T00:00:00.000Z',
  kept_previous: key === 'b.csv',
}));
/** More users than fit into one response body, with names that need quotes. */
const MANY = usersNamed('O"Hara, née Zoë', 3_000);

t.test('rows are sent as JSON, NDJSON or CSV, by Accept or by the parameter format', async (t) => {
  const { ask, publish } = await makeService(t);
  for (const [generation, users] of [
    [1, MANY],
    [2, usersNamed('few', 2)],
    [3, []],
  ] as const) {
    const made = await publish(generation, [...users]);
    const lines = users.map((user) => `${JSON.stringify(user)}\n`).join('');
    for (const [target, accept, type, text] of [
      ['/data', undefined, 'application/json; charset=utf-8', JSON.stringify(users)],
      ['/data', '*/*', 'application/json; charset=utf-8', JSON.stringify(users)],
      [
        '/data',
        'text/html, application/xml;q=0.9, */*;q=0.8',
        'application/json; charset=utf-8',
        JSON.stringify(users),
      ],
      ['/data', 'application/x-ndjson', 'application/x-ndjson; charset=utf-8', lines],
      ['/data', 'text/csv', 'text/csv; charset=utf-8; header=present', made.users],
      ['/data', 'text/*', 'text/csv; charset=utf-8; header=present', made.users],
      [
        '/data',
        'text/csv;q=0.1, application/json;q=0.2',
        'application/json; charset=utf-8',
        JSON.stringify(users),
      ],
      ['/data?format=csv', 'application/json', 'text/csv; charset=utf-8; header=present', made.users],
      ['/data?format=ndjson', undefined, 'application/x-ndjson; charset=utf-8', lines],
      ['/data?format=json', 'text/csv', 'application/json; charset=utf-8', JSON.stringify(users)],
    ] as const) {
      const answer = await ask(target, accept === undefined ? {} : { accept });
      const what = `${users.length} users, ${target}, ${accept}`;
      t.equal(answer.status, 200, what);
      t.equal(answer.headers['content-type'], type, what);
      t.ok(answer.text === text, `${what}: the text`);
      t.equal(answer.headers.vary, 'accept, accept-encoding', what);
      t.equal(answer.headers['landfall-generation'], String(generation), what);
    }
  }
});

t.test('other media types are not acceptable', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 2));
  for (const [target, accept] of [
    ['/data', 'image/png'],
    ['/data', 'text/html'],
    ['/data', 'application/json;q=0, text/csv;q=0'],
    ['/rejects', 'application/x-ndjson'],
  ] as const) {
    const { status, json, headers } = await ask(target, { accept });
    t.match({ status, json }, { status: 406, json: { code: 'not_acceptable' } }, `${target}: ${accept}`);
    t.match(headers['content-type'], /problem\+json/);
  }
  t.match(await ask('/data?format=xml'), {
    status: 400,
    json: { parameters: ['format'], detail: /json, ndjson, csv/ },
  });
  t.match(await ask('/rejects?format=ndjson'), { status: 400, json: { parameters: ['format'] } });
});

t.test('/rejects as CSV is rejects.csv', async (t) => {
  const { ask, publish, store } = await makeService(t);
  for (const [generation, rejects] of [
    [1, REJECTS],
    [2, []],
  ] as const) {
    const made = await publish(generation, usersNamed('x', 1), [...rejects]);
    const { bytes } = await store.read('processed-data', made.manifest.rejects_snapshot.key, 1_000_000);
    t.ok((await ask('/rejects?format=csv')).body.equals(bytes));
    const byAccept = await ask('/rejects', { accept: 'text/csv' });
    t.ok(byAccept.body.equals(bytes));
    t.equal(byAccept.headers['content-type'], 'text/csv; charset=utf-8; header=present');
    t.same((await ask('/rejects')).json, rejects);
  }
});

t.test('responses are gzipped when the client accepts gzip and they are long enough', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, MANY, [...REJECTS, ...REJECTS.map((each) => ({ ...each, key: each.key.repeat(500) }))]);
  for (const [target, coding, isGzipped] of [
    ['/data', 'gzip', true],
    ['/data', 'gzip, deflate, br', true],
    ['/data?format=csv', 'br;q=1, gzip;q=0.5', true],
    ['/data?format=ndjson', '*', true],
    ['/data?limit=100', 'gzip', true],
    ['/rejects', 'gzip', true],
    ['/data', 'gzip;q=0', false],
    ['/data', 'identity', false],
    ['/data', 'br', false],
    ['/data', undefined, false],
    ['/data?limit=1', 'gzip', false],
    ['/stats', 'gzip', false],
  ] as const) {
    const plain = await ask(target);
    const answer = await ask(target, coding === undefined ? {} : { 'accept-encoding': coding });
    const what = `${target}, ${coding}`;
    t.equal(answer.headers['content-encoding'], isGzipped ? 'gzip' : undefined, what);
    t.ok((isGzipped ? gunzipSync(answer.body) : answer.body).equals(plain.body), `${what}: the same text`);
    if (isGzipped) t.ok(answer.body.length * 2 < plain.body.length, `${what}: less`);
    t.equal(answer.headers.etag === plain.headers.etag, !isGzipped, `${what}: an ETag of its own`);
    t.equal(answer.headers.etag, (await ask(target, { 'accept-encoding': coding ?? '' })).headers.etag, what);
  }
});
