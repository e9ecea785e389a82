import t from 'tap';
import { PAGE_BYTES } from '../../src/serialize/serialized-chunk.ts';
import { usersNamed } from '../support/_generation.ts';
import { ids, makeService, NOON, nextOf, type Service } from '../support/_service.ts';

const DAY = 86_400_000;

/** Follows the links of a result, and calls `between` after each page. */
async function follow({ ask }: Service, target: string, between: (page: number) => Promise<unknown>) {
  const found: { user_id: string; last_name: string }[] = [];
  const generations = new Set<unknown>();
  let pages = 0;
  for (let next: string | undefined = target; next; ) {
    const answer = await ask(next);
    if (answer.status !== 200) return { found, generations, pages, end: answer };
    found.push(...JSON.parse(answer.text));
    generations.add(answer.headers['landfall-generation']);
    next = nextOf(answer);
    await between(++pages);
  }
  return { found, generations, pages, end: undefined };
}

t.test('pages of one generation contain each row once while the data changes', async (t) => {
  const service = await makeService(t);
  const before = usersNamed('before', 20);
  await service.publish(1, before);
  let generation = 1;
  const change = () =>
    service.publish(++generation, [
      ...usersNamed(`after ${generation}`, 15),
      ...usersNamed('added', 25).slice(17),
    ]);
  for (const [order, sorted] of [
    ['', before],
    ['&sort=-user_id', before.toReversed()],
    ['&sort=last_name', before],
    ['&sort=-birthts', before.toReversed()],
  ] as const) {
    const target = `/data?limit=3&generation=1${order}`;
    const { found, generations, pages } = await follow(service, target, change);
    t.same(ids(found), ids(sorted), order);
    t.ok(found.every(({ last_name: name }) => name === 'before'));
    t.same([...generations], ['1']);
    t.equal(pages, 7);
  }
});

t.test('a page has `limit` rows, and the last page has no link', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 6));
  for (const [limit, pages] of [
    [1, 6],
    [3, 2],
    [5, 2],
    [6, 1],
    [7, 1],
    [10_000, 1],
  ] as const) {
    const first = await ask(`/data?limit=${limit}`);
    t.equal(first.headers['content-length'], String(first.body.length));
    let next = nextOf(first);
    let count = 1;
    for (; next; count++) next = nextOf(await ask(next));
    t.equal(count, pages, `limit=${limit}`);
  }
  for (const limit of ['0', '10001', '-1', 'x']) {
    t.match(await ask(`/data?limit=${limit}`), { status: 400, json: { parameters: ['limit'] } }, limit);
  }
});

t.test('a page of long values ends early, and its link leads to the rest', async (t) => {
  const service = await makeService(t);
  // 12 MB.
  const users = usersNamed('x'.repeat(60_000), 200);
  await service.publish(1, users);
  for (const target of [
    '/data?limit=150',
    '/data?limit=150&format=csv',
    '/data?limit=150&sort=-user_id',
    '/data?limit=150&sort=birthts&last_name=x*',
    '/data?limit=150&last_name=x*',
  ]) {
    const sizes: number[] = [];
    let found = 0;
    for (let next: string | undefined = target; next; ) {
      const answer = await service.ask(next);
      sizes.push(answer.body.length);
      found += answer.text.split('x'.repeat(60_000)).length - 1;
      next = nextOf(answer);
    }
    t.equal(found, users.length, target);
    t.ok(Math.max(...sizes) < 2 * PAGE_BYTES, `${target}: ${sizes}`);
  }
});

t.test('a link keeps the query, and can be followed with another limit and format', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('a&b c', 9));
  const target = '/data?limit=2&last_name=a%26b*&user_id=100001&user_id=100003&user_id=100005&user_id=100006';
  const first = await ask(`${target}&sort=-user_id&count=true&min_generation=1&format=json`);
  t.same(ids(first.json), ['100006', '100005']);
  const next = new URL(nextOf(first) ?? '', 'http://x');
  t.equal(next.pathname, '/data');
  t.same(
    [...next.searchParams.keys()].sort(),
    ['count', 'cursor', 'format', 'last_name', 'limit', 'sort', ...Array(4).fill('user_id')].sort(),
  );
  t.match(await ask(next.pathname + next.search), {
    json: [{ user_id: '100003' }, { user_id: '100001' }],
    headers: { 'x-total-count': '4', link: undefined },
  });
  next.searchParams.set('limit', '1');
  next.searchParams.set('format', 'csv');
  const csv = await ask(next.pathname + next.search);
  t.match(csv.text, /^user_id,.*\n100003,/);
  t.ok(nextOf(csv));
  next.searchParams.delete('limit');
  const rest = await ask(next.pathname + next.search);
  t.match(rest.text, /^user_id,.*\n100003,.*\n100001,.*\n$/);
  t.equal(rest.headers.link, undefined, 'without a limit, the page has all remaining rows');
});

t.test('a cursor of another query is an error', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 9));
  await publish(2, usersNamed('x', 9));
  const next = nextOf(await ask('/data?limit=2&sort=birthts')) ?? '';
  const cursor = new URL(next, 'http://x').searchParams.get('cursor') ?? '';
  for (const [what, target] of [
    ['empty', '/data?cursor='],
    ['made up', '/data?cursor=eyJhIjoxfQ'],
    ['changed', `/data?sort=birthts&cursor=${cursor.slice(0, -2)}AA`],
    ['for another order', `/data?sort=-birthts&cursor=${cursor}`],
    ['for other users', `/data?sort=birthts&is_image_exists=true&cursor=${cursor}`],
    ['for another generation', `/data?sort=birthts&generation=1&cursor=${cursor}`],
  ] as const) {
    t.match(
      await ask(target),
      { status: 400, json: { code: 'bad_parameter', parameters: ['cursor'] } },
      what,
    );
  }
  t.equal((await ask(`/data?sort=birthts&generation=2&cursor=${cursor}`)).status, 200);
  t.equal((await ask(`/data?sort=birthts&cursor=${cursor}`)).status, 200, 'without a limit');
});

t.test('a replica without the generation of a cursor responds with generation_gone', async (t) => {
  const [here, there] = [await makeService(t), await makeService(t)];
  await here.publish(1, usersNamed('x', 9));
  await here.publish(2, usersNamed('y', 9));
  const next = nextOf(await here.ask('/data?limit=2')) ?? '';
  t.match(await there.ask(next), { status: 503, json: { code: 'no_data_set' } });
  await there.publish(1, usersNamed('x', 9));
  t.match(await there.ask(next), { status: 410, json: { code: 'generation_gone', detail: /Start again/ } });
  await there.publish(2, usersNamed('z', 9));
  t.match(await there.ask(next), { status: 410 }, 'a generation of another lineage is a different one');
  await there.publish(3, usersNamed('z', 9));
  t.match(await there.ask(next), { status: 410 });
});

t.test('all pages compute ages for the day of the first page', async (t) => {
  const { ask, publish, time } = await makeService(t);
  const birthday = Date.UTC(2008, 5, 2);
  await publish(
    1,
    usersNamed('x', 6).map((user) => ({ ...user, birthts: birthday })),
  );
  const first = await ask('/data?max_age=17&limit=2');
  t.same(ids(first.json), ['100000', '100001']);
  time.now = NOON + DAY;
  t.same((await ask('/data?max_age=17&limit=2')).json, [], 'a new query computes them for today');
  const second = await ask(nextOf(first) ?? '');
  t.same(ids(second.json), ['100002', '100003'], 'the second page computes them for yesterday');
  t.same(ids((await ask(nextOf(second) ?? '')).json), ['100004', '100005']);
});

t.test('`count=true` adds X-Total-Count', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 9));
  t.equal((await ask('/data?limit=2')).headers['x-total-count'], undefined);
  t.equal((await ask('/data?limit=2&count=false')).headers['x-total-count'], undefined);
  for (const [query, count] of [
    ['', 9],
    ['&is_image_exists=true', 4],
    ['&limit=2', 9],
    ['&last_name=x&limit=2', 9],
    ['&user_id=100001&user_id=zzz', 1],
    ['&first_name=B*', 0],
  ] as const) {
    const { headers, status } = await ask(`/data?count=true${query}`);
    t.match({ status, total: headers['x-total-count'] }, { status: 200, total: String(count) }, query);
  }
});
