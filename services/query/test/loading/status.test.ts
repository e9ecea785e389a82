import { once } from 'node:events';
import http from 'node:http';
import { ingestProgress } from '@landfall/contracts/messages/events';
import { noCounts } from '@landfall/contracts/messages/run';
import t, { type Test } from 'tap';
import { usersNamed } from '../support/_generation.ts';
import { makeService } from '../support/_service.ts';

const FAILED = {
  run_id: 'r',
  trigger: 'schedule',
  status: 'failed',
  ...noCounts(),
  published: false,
  generation: 1,
  version: null,
  started_at: '2026-06-01T12:00:00.000Z',
  finished_at: '2026-06-01T12:00:01.000Z',
  duration_ms: 1_000,
  error: 'no bucket',
};

t.test('/status reports the health, and /events its changes', async (t) => {
  const { ask, address, publish, bus } = await makeService(t);
  t.match((await ask('/status')).json, {
    level: 'red',
    reasons: [{ code: 'no_data_set' }],
    generation: null,
  });
  await publish(1, usersNamed('x', 2));
  t.match((await ask('/status')).json, { level: 'green', reasons: [], generation: 1, rejects: 0 });
  const events = await listen(t, `${address}/events`);
  await events.until(/event: status\ndata: \{"level":"green"/);
  bus.publish(ingestProgress('r'), FAILED);
  await events.until(/event: status\ndata: \{"level":"red","reasons":\[\{"code":"run_failed"/);
  t.match((await ask('/status')).json, { reasons: [{ detail: /no bucket/ }], checked_at: null });
});

t.test('an ingestor that does not answer is reported as silent', async (t) => {
  const { address, publish } = await makeService(t);
  await publish(1, usersNamed('x', 2));
  const events = await listen(t, `${address}/events`);
  t.match(await events.until(/"code":"ingestor_silent"/), 'Generation 1 is still served');
});

t.test('/events starts with the current state', async (t) => {
  const { address, publish } = await makeService(t);
  await publish(1, usersNamed('x', 2));
  const first = await (await listen(t, `${address}/events`)).until(/event: status/);
  const id = /id: (1-[0-9a-f]{64})/.exec(first)?.[1] ?? '';
  t.ok(id);
  const again = await listen(t, `${address}/events`, { 'last-event-id': id });
  t.notMatch(
    await again.until(/event: status/),
    'event: dataset',
    'a client that has the data set event already does not get it again',
  );
  const later = await listen(t, `${address}/events`, { 'last-event-id': '0-of-long-ago' });
  t.match(await later.until(/event: status/), 'event: dataset');
});

t.test('/rejects returns `limit` rejects', async (t) => {
  const { ask, publish } = await makeService(t);
  const rejects = ['a.csv', 'b.csv', 'c.csv'].map((key) => ({
    key,
    user_id: key[0] ?? '',
    reason: 'empty' as const,
    detail: 'nothing',
    since: '2026-06-01T12:00:00.000Z',
    kept_previous: false,
  }));
  await publish(1, [], rejects);
  t.match((await ask('/rejects?limit=2')).json, [{ key: 'a.csv' }, { key: 'b.csv' }]);
  t.equal((await ask('/rejects')).text.match(/"key"/g)?.length, 3);
  t.match((await ask('/status')).json, { rejects: 3 });
});

/** Reads events until one matches. */
async function listen(t: Test, url: string, headers: http.OutgoingHttpHeaders = {}) {
  const request = http.get(url, { headers });
  t.teardown(() => request.destroy());
  const [answer]: http.IncomingMessage[] = await once(request, 'response');
  let heard = '';
  return {
    async until(wanted: RegExp): Promise<string> {
      const chunks = answer?.iterator({ destroyOnReturn: false }) ?? [];
      for await (const chunk of chunks) {
        heard += chunk;
        if (wanted.test(heard)) return heard;
      }
      throw new Error(`it ended: ${heard}`);
    },
  };
}
