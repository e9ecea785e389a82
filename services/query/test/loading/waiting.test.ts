import { INGEST_RUN, ingestProgress } from '@landfall/contracts/messages/events';
import { noCounts } from '@landfall/contracts/messages/run';
import t from 'tap';
import { usersNamed } from '../support/_generation.ts';
import { codeOf, connect, get } from '../support/_raw.ts';
import { makeService } from '../support/_service.ts';

const HOUR = 3_600_000;

t.test(
  'the number of requests that wait for a generation is limited; disconnected clients do not count',
  async (t) => {
    const service = await makeService(t, { generationWaitMs: HOUR, limits: { generationWaiters: 1 } });
    await service.publish(1, usersNamed('x', 1));
    const waiting = await connect(t, service.address);
    waiting.send(get('/data?min_generation=2'));
    await service.ask('/status');
    const refused = await connect(t, service.address);
    for (const path of ['/data', '/stats', '/rejects', '/data/1']) {
      refused.send(get(`${path}?min_generation=2`));
      const answer = await refused.next();
      t.match(answer, { status: 503, headers: { 'retry-after': /\d/ } }, path);
      t.equal(codeOf(answer), 'too_busy', path);
    }
    waiting.socket.destroy();
    // Requests are refused until the server has noticed the disconnect.
    const published = async () => {
      await service.ask('/status');
      await service.ask('/status');
      return await service.publish(2, usersNamed('y', 1));
    };
    let answer: Awaited<ReturnType<typeof refused.next>>;
    do {
      refused.send(get('/data?min_generation=2'));
      const publishing = published();
      answer = await refused.next();
      await publishing;
    } while (answer?.status === 503);
    t.match(answer, { status: 200, headers: { 'landfall-generation': '2' } });
  },
);

t.test('the number of event streams is limited; disconnected clients do not count', async (t) => {
  const service = await makeService(t, { limits: { eventStreams: 2 } });
  const listen = async () => {
    const controller = new AbortController();
    const { status, headers, body } = await fetch(`${service.address}/events`, { signal: controller.signal });
    t.teardown(() => controller.abort());
    return { status, headers, controller, body };
  };
  const [first] = [await listen(), await listen()];
  const third = await listen();
  t.equal(third.status, 503);
  t.match(third.headers.get('retry-after'), /\d/);
  first.controller.abort();
  for (;;) {
    const { status, body } = await listen();
    if (status === 200) break;
    await body?.cancel();
  }
  t.pass('there is room again');
});

t.test('the error of a run contains no path', async (t) => {
  const service = await makeService(t, { runWaitMs: HOUR });
  const report = {
    ...{ run_id: 'the-run', trigger: 'request', started_at: '2026-06-01T00:00:00.000Z', status: 'failed' },
    ...{ ...noCounts(), published: false, generation: null, version: null },
    ...{ finished_at: '2026-06-01T00:00:00.000Z', duration_ms: 0, error: "EIO: '/secret/folder/x.csv'" },
  };
  service.bus.respond(INGEST_RUN, () => {
    service.bus.publish(ingestProgress('the-run'), report);
    return { run_id: 'the-run' };
  });
  for (const [target, method, status] of [
    ['/data', 'POST', 502],
    ['/runs', 'GET', 200],
    ['/runs/the-run', 'GET', 200],
    ['/status', 'GET', 200],
  ] as const) {
    const answer = await service.ask(target, {}, method);
    t.equal(answer.status, status, target);
    t.match(answer.text, 'EIO', target);
    t.notMatch(answer.text, 'secret', target);
  }
});
