import http from 'node:http';
import t, { type Test } from 'tap';
import { HEADER, makeApi } from './_api.ts';

const POST = { method: 'POST' };

t.test('POST /data reads its own write', async (t) => {
  const api = await makeApi(t);
  await api.ingest();
  for (let i = 1; i <= 5; i++) {
    api.put(`${i}.csv`, `${HEADER}First, Last, ${i}\n`);
    const { status, json } = await api.ask('/data', POST);
    t.equal(status, 200);
    t.match(json, {
      trigger: 'request',
      status: 'succeeded',
      published: true,
      added: 1,
      listed: i,
      generation: i + 1,
    });
    t.match((await api.ask(`/data/${i}`)).json, { birthts: i }, 'at once');
  }
  const { json } = await api.ask('/data', POST);
  t.match(json, { published: false, written: 0, unchanged: 5, generation: 6 });
});

t.test('a request body is ignored', async (t) => {
  const api = await makeApi(t);
  await api.ingest();
  for (const init of [
    { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    { body: '{}', headers: { 'content-type': 'application/json' } },
    { body: 'not json', headers: { 'content-type': 'application/json' } },
  ]) {
    t.equal((await api.ask('/data', { ...POST, ...init })).status, 200, JSON.stringify(init));
  }
  t.match((await api.ask('/data?forse=true', POST)).json, { code: 'bad_parameter', parameters: ['forse'] });
});

t.test('a run holds removals of more than half of the rows until it is forced', async (t) => {
  const api = await makeApi(t);
  for (let i = 0; i < 101; i++) api.put(`${i}.csv`, `${HEADER}First, Last, ${i}\n`);
  await api.ingest();
  for (let i = 0; i < 60; i++) api.remove(`${i}.csv`);
  const held = { status: 'succeeded', removed: 0, held: 60, conditions: [{ code: 'removals_held' }] };
  t.match((await api.ask('/data', POST)).json, held);
  t.match((await api.ask('/data?force=false', POST)).json, held);
  t.match((await api.ask('/stats')).json, { count: 101 }, 'all are served still');
  t.match((await api.ask('/data?force=true', POST)).json, { status: 'succeeded', removed: 60 });
  t.match((await api.ask('/stats')).json, { count: 41 });
  t.match((await api.ask('/data?force=perhaps', POST)).json, {
    code: 'bad_parameter',
    parameters: ['force'],
  });
});

t.test('with respond-async the answer has the address of the run', async (t) => {
  const api = await makeApi(t);
  await api.ingest();
  const { status, headers, json } = await api.ask('/data', {
    ...POST,
    headers: { prefer: 'wait=5, Respond-Async' },
  });
  t.equal(status, 202);
  t.equal(headers.get('preference-applied'), 'respond-async');
  const location = headers.get('location') ?? '';
  t.match(location, /^\/runs\/[\w-]+$/);
  t.match(json, { run_id: location.slice('/runs/'.length), location });
  t.match(await finished(api, location), { status: 'succeeded', trigger: 'request' });
  t.match((await api.ask('/runs')).json, [{ trigger: 'request' }, { trigger: 'start' }]);
});

t.test('a run that exceeds the wait answers 202; requests during it share the next run', async (t) => {
  const api = await makeApi(t, { runWaitMs: 100 });
  let open = () => undefined as unknown;
  const gate = new Promise((resolve) => {
    open = () => resolve(undefined);
  });
  let gated = false;
  const store = {
    ...api.store,
    async *list(bucket: string, prefix?: string) {
      if (gated && bucket === 'src-data') await gate;
      yield* api.store.list(bucket, prefix);
    },
  };
  await api.ingest({ store });
  gated = true;
  const first = await api.ask('/data', POST);
  t.equal(first.status, 202);
  const slow = first.headers.get('location') ?? '';
  t.match((await api.ask(slow)).json, { status: 'running', phase: 'list' });
  const [second, third] = await Promise.all([api.ask('/data', POST), api.ask('/data', POST)]);
  t.equal(second.headers.get('location'), third.headers.get('location'));
  t.not(second.headers.get('location'), slow);
  t.match((await api.ask(second.headers.get('location') ?? '')).json, {
    status: 'queued',
    trigger: 'request',
  });
  open();
  t.match(await finished(api, slow), { status: 'succeeded' });
  t.match(await finished(api, second.headers.get('location') ?? ''), { status: 'succeeded' });
});

t.test('a run that failed is a 502, with its report', async (t) => {
  const api = await makeApi(t);
  api.put('1.csv', `${HEADER}First, Last, 1\n`);
  await api.ingest();
  api.remove('.');
  const { status, json, headers } = await api.ask('/data', POST);
  t.equal(status, 502);
  t.match(headers.get('content-type'), /problem\+json/);
  t.match(json, {
    code: 'run_failed',
    detail: /src-data/,
    run: { status: 'failed', published: false, generation: 1 },
  });
  t.equal((await api.ask('/data')).status, 200, 'what was served is still served');
});

t.test('without an ingestor it is a 503', async (t) => {
  const api = await makeApi(t);
  const { status, json, headers } = await api.ask('/data', POST);
  t.equal(status, 503);
  t.match(json, { code: 'ingestor_unavailable' });
  t.ok(headers.get('retry-after'));
});

t.test('/events sends events as they happen', async (t) => {
  const api = await makeApi(t);
  api.put('1.csv', `${HEADER}First, Last, 1\n`);
  await api.ingest();
  const events = listen(t, `${api.address}/events`);
  t.match(await events.next('dataset'), { data: { generation: 1, rows: 1 } }, 'what is served comes first');
  t.match(events.headers(), { 'content-type': /^text\/event-stream/ });
  api.put('2.csv', `${HEADER}First, Last, 2\n`);
  await api.ask('/data', POST);
  const { id, data } = await events.next('dataset');
  t.match(data, { generation: 2, rows: 2 });
  t.match(id, /^2-[0-9a-f]{64}$/);
  await events.until('run', ({ status }) => status === 'succeeded');
});

t.test('a stopping service closes event streams', async (t) => {
  let address = '';
  let closed = Promise.resolve();
  await t.test('a service', async (t) => {
    const api = await makeApi(t);
    await api.ingest();
    address = api.address;
    const events = listen(t, `${api.address}/events`);
    await events.next('dataset');
    closed = events.closed;
  });
  await closed;
  await t.rejects(fetch(address));
});

/** Asks until a run is over. */
async function finished(api: Awaited<ReturnType<typeof makeApi>>, location: string): Promise<unknown> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const { text, json } = await api.ask(location);
    if (!/"status":"(?:queued|running)"/.test(text)) return json;
  }
  throw new Error(`${location} goes on`);
}

interface ServerSentEvent {
  id: string | undefined;
  event: string;
  data: Record<string, unknown>;
}

/** Reads server-sent events as the WHATWG's specification has them. */
function listen(t: Test, url: string) {
  const heard: ServerSentEvent[] = [];
  const news = new EventTarget();
  let headers: http.IncomingHttpHeaders = {};
  let end = () => undefined as unknown;
  const closed = new Promise<void>((resolve) => {
    end = resolve;
  });
  const request = http.get(url, (answer) => {
    headers = answer.headers;
    let text = '';
    answer.on('data', (chunk) => {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      heard.push(...blocks.filter((block) => !block.startsWith(':')).map(parseEvent));
      news.dispatchEvent(new Event('news'));
    });
    answer.once('close', () => end());
  });
  t.teardown(() => request.destroy());

  async function until(
    event: string,
    wanted: (data: Record<string, unknown>) => boolean,
  ): Promise<ServerSentEvent> {
    for (;;) {
      const at = heard.findIndex((each) => each.event === event && wanted(each.data));
      const [found] = at === -1 ? [] : heard.splice(at, 1);
      if (found) return found;
      await new Promise((resolve, reject) => {
        news.addEventListener('news', resolve, { once: true });
        AbortSignal.timeout(5_000).addEventListener('abort', () => reject(new Error(`no ${event}`)));
      });
    }
  }
  return { until, next: (event: string) => until(event, () => true), headers: () => headers, closed };
}

function parseEvent(block: string): ServerSentEvent {
  const fields = new Map(
    block
      .split('\n')
      .map((line): [string, string] => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
  );
  return {
    id: fields.get('id'),
    event: fields.get('event') ?? 'message',
    data: JSON.parse(fields.get('data') ?? '{}'),
  };
}
