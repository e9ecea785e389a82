import { openLandfall } from '@landfall/client';
import type { Reject } from '@landfall/contracts/dataset/reject';
import type { User } from '@landfall/contracts/dataset/users';
import type { RunReport } from '@landfall/contracts/messages/run';
import type { Status } from '@landfall/query/monitoring/health-status';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { startPrinting, subscribers } from './_examples.ts';
import { type Answer, ask, type Stack, setUpStack, until } from './_stack.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;
/** Timeout of a subscription, ms. */
const SOON_MS = 60_000;
const HEADER = 'first_name, last_name, birthts\n';

t.test('two processes over a real S3 server and a real NATS server', { skip }, async (t) => {
  const stack = await setUpStack(t);
  const { ingestor, query, s3, nats } = stack;
  await put(stack, '1000.csv', `${HEADER}Ada, Lovelace, -4861728000000\n`);
  await put(stack, '1000.png', 'a face');
  await put(stack, '1001.csv', `${HEADER}Alan, Turing, -1815955200000\n`);

  await t.test('query answers 503 before the first data set', async (t) => {
    query.start();
    const alive = await until(
      'healthz',
      () => ask(`${query.url}/healthz`),
      ({ status }) => status === 200,
    );
    t.same(alive.body, { status: 'ok' });
    const { status, headers } = await ask(`${query.url}/data`);
    t.equal(status, 503);
    t.ok(Number(headers.get('retry-after')) > 0);
    t.equal((await ask(`${query.url}/readyz`)).status, 503);
    t.equal((await post(stack)).status, 503, 'nobody is there to run an ingestion');
  });

  await t.test('files become an API', async (t) => {
    ingestor.start();
    const { body } = await until(
      'data',
      () => data(stack),
      ({ status }) => status === 200,
    );
    t.same(body, [
      {
        user_id: '1000',
        first_name: 'Ada',
        last_name: 'Lovelace',
        birthts: -4861728000000,
        img_path: `${stack.sourceBucket}/1000.png`,
      },
      { user_id: '1001', first_name: 'Alan', last_name: 'Turing', birthts: -1815955200000, img_path: null },
    ]);
    t.equal((await ask(`${query.url}/readyz`)).status, 200);
    await until(
      'ingestor',
      () => ask(`${ingestor.url}/readyz`),
      ({ status }) => status === 200,
    );
    const image = await fetch(`${query.url}/data/1000/image`);
    t.equal(await image.text(), 'a face');
  });

  await t.test('POST /data reads its own write, and subscribers of NATS receive it', async (t) => {
    const listening = subscribers().map(([name, program, args]) => {
      const { user: NATS_USER, password: NATS_PASSWORD } = nats.users.query;
      const settings = { NATS_URL: nats.url, NATS_USER, NATS_PASSWORD };
      return { name, ...startPrinting(t, program, args, settings) };
    });
    for (const { prints } of listening) await prints(/listening\n/);
    await put(stack, '1002.csv', `${HEADER}Grace, Hopper, -1987459200000\n`);
    const { status, body: report } = await post(stack);
    t.equal(status, 200);
    t.match(report, {
      trigger: 'request',
      status: 'succeeded',
      listed: 4,
      fetched: 1,
      unchanged: 2,
      added: 1,
    });
    t.same(ids((await data(stack)).body), ['1000', '1001', '1002']);
    for (const { name, prints } of listening) {
      t.match(await prints(/generation .*\n/), `\ngeneration ${report?.generation}: 3 rows, 1 added\n`, name);
    }
    const again = await post(stack);
    t.match(again.body, { published: false, written: 0, fetched: 0, generation: report?.generation });
  });

  await t.test('changes of the bucket are served without a request, and followed', async (t) => {
    const since = Number((await data(stack)).headers.get('landfall-generation'));
    const followed = openLandfall(query.url).follow(since, { signal: AbortSignal.timeout(SOON_MS) });
    await put(stack, 'live.csv', `${HEADER}Hedy, Lamarr, -1740441600000\n`);
    const live = () => ask<User>(`${query.url}/data/live`);
    await until('the user', live, ({ status }) => status === 200);
    t.match((await followed.next()).value, { changes: [{ change: 'added', user_id: 'live' }] });
    await put(stack, 'live.csv', 'broken');
    const found = () => rejects(stack);
    await until('the reject', found, ({ body }) => body?.length === 1);
    t.equal((await live()).status, 200, 'the last good version is kept');
    await put(stack, 'live.csv', `${HEADER}Hedwig, Kiesler, -1740441600000\n`);
    await until('the user', live, ({ body }) => body?.first_name === 'Hedwig');
    t.same((await found()).body, [], 'which heals by itself');
    await stack.store.remove(stack.sourceBucket, 'live.csv');
    await until('nobody', live, ({ status }) => status === 404);
    // A subscriber that is behind gets several changes as one.
    let set = (await followed.next()).value;
    if (set?.changes[0]?.change === 'updated') set = (await followed.next()).value;
    t.match(set, { changes: [{ change: 'removed', user_id: 'live', user: null }] });
    const { body: runs = [] } = await ask<RunReport[]>(`${query.url}/runs`);
    t.match(runs[0], { trigger: 'bucket', status: 'succeeded', removed: 1, listed: 0, fetched: 0 });
  });

  await t.test('a killed ingestor continues', async (t) => {
    await ingestor.end('SIGKILL');
    t.equal((await post(stack)).status, 503, 'nobody answers');
    t.equal((await data(stack)).status, 200, 'and query serves on');
    await untilStatus(stack, 'amber', ['ingestor_silent']);
    await stack.store.remove(stack.sourceBucket, '1002.csv');
    ingestor.start();
    const { body } = await until(
      'data',
      () => data(stack),
      (answer) => answer.body?.length === 2,
    );
    t.same(ids(body), ['1000', '1001']);
    await untilStatus(stack, 'green', []);
  });

  await t.test('a restarted query service serves at once, also without its servers', async (t) => {
    t.equal(await query.end('SIGTERM'), 0);
    await Promise.all([s3.kill(), nats.kill()]);
    query.start();
    const { body } = await until(
      'data',
      () => data(stack),
      ({ status }) => status !== 0,
    );
    t.same(ids(body), ['1000', '1001']);
    t.equal((await ask(`${query.url}/data/1000/image`)).status, 503);
    t.equal((await post(stack)).status, 503);
    await nats.restart();
    await s3.restart(); // It wants to tell NATS.
    const { body: report } = await until(
      'a run',
      () => post(stack),
      ({ status }) => status === 200,
    );
    t.match(report, { status: 'succeeded' });
  });

  await t.test('without the object store a run fails with a report and recovers', async (t) => {
    await s3.kill();
    const { status, body } = await post(stack);
    t.equal(status, 502);
    t.match(body, { code: 'run_failed', run: { status: 'failed', published: false } });
    t.equal((await data(stack)).status, 200);
    await s3.restart();
    await put(stack, '1003.csv', `${HEADER}Katherine, Johnson, -1623542400000\n`);
    const healed = await until(
      'data',
      () => data(stack),
      (answer) => answer.body?.length === 3,
    );
    t.same(ids(healed.body), ['1000', '1001', '1003'], 'without being asked');
  });

  await t.test('without NATS the ingestor continues, and query reads the manifest', async (t) => {
    await nats.kill();
    await put(stack, '1004.csv', `${HEADER}Edsger, Dijkstra, -1251763200000\n`);
    t.equal(await ingestor.end('SIGTERM'), 0);
    ingestor.start();
    const { body } = await until(
      'data',
      () => data(stack),
      (answer) => answer.body?.length === 4,
    );
    t.same(ids(body), ['1000', '1001', '1003', '1004'], 'by the manifest');
    await untilStatus(stack, 'amber', ['event_bus_away']);
    await nats.restart();
    const { body: runs } = await until(
      'the report of that run',
      () => ask<RunReport[]>(`${query.url}/runs`),
      // Not the newest, it may be: the bucket is looked at when NATS is back.
      (answer) => answer.body?.some(addedOneAtItsStart) === true,
    );
    const report = runs?.find(addedOneAtItsStart);
    t.match(report, { status: 'succeeded', published: true }, 'which was told when NATS was back');
    await untilStatus(stack, 'green', []);
  });

  await t.test('an emptied processed bucket is written again', async (t) => {
    for await (const page of stack.store.list(stack.processedBucket)) {
      for (const { key } of page) await stack.store.remove(stack.processedBucket, key);
    }
    t.equal((await data(stack)).status, 200, 'query serves what it has');
    const before = Number((await data(stack)).headers.get('landfall-generation'));
    const { body } = await until(
      'a run',
      () => post(stack),
      ({ status }) => status === 200,
    );
    // Or a run before it has: NATS has just come back, and the bucket is looked at then.
    t.match(body, { status: 'succeeded', added: 0, fetched: 0 });
    t.ok((body?.generation ?? 0) > before, 'the generation goes on rising');
  });

  await t.test('both services stop on SIGTERM', async (t) => {
    t.equal(await ingestor.end('SIGTERM'), 0);
    t.equal(await query.end('SIGTERM'), 0);
  });
});

const put = ({ store, sourceBucket }: Stack, key: string, text: string) =>
  store.put(sourceBucket, key, Buffer.from(text));
/** The project's own client. It repeats nothing, so that each answer is seen. */
const api = ({ query }: Stack) => openLandfall(query.url, { retries: 0 }).api;
const data = (stack: Stack) => answer<User[]>(() => api(stack).GET('/data'));
const post = (stack: Stack) => answer<RunReport>(() => api(stack).POST('/data'));
const rejects = (stack: Stack) => answer<Reject[]>(() => api(stack).GET('/rejects'));

/** An answer of the client, also an error's, as `ask` returns it. Status 0 means that the connection failed. */
async function answer<Body>(
  request: () => Promise<{ data?: unknown; error?: unknown; response: Response }>,
): Promise<Answer<Body | undefined>> {
  try {
    const { data, error, response } = await request();
    return { status: response.status, body: (data ?? error) as Body, headers: response.headers };
  } catch {
    return { status: 0, body: undefined, headers: new Headers() };
  }
}
const addedOneAtItsStart = ({ added, trigger }: RunReport) => added === 1 && trigger === 'start';
const untilStatus = ({ query }: Stack, level: Status['level'], codes: string[]) =>
  until(
    `status ${level}`,
    () => ask<Status>(`${query.url}/status`),
    ({ body }) => body?.level === level && body.reasons.map(({ code }) => code).join() === codes.join(),
  );
const ids = (users: User[] | undefined) => users?.map(({ user_id: id }) => id);
