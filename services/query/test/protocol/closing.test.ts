import { once } from 'node:events';
import { INGEST_RUN } from '@landfall/contracts/messages/events';
import t from 'tap';
import { codeOf, connect, get } from '../support/_raw.ts';
import { makeServer } from '../support/_server.ts';
import { makeService } from '../support/_service.ts';

t.test('closing ends idle connections at once, and others after their responses', async (t) => {
  const server = await makeServer(t);
  const [idle, silent, busy] = [
    await connect(t, server.address),
    await connect(t, server.address),
    await connect(t, server.address),
  ];
  idle.send(get('/idle'));
  await server.untilBegun(1);
  if (server.begun[0]) server.answer(server.begun[0]);
  await idle.next();
  busy.send(get('/busy'));
  await server.untilBegun(2);
  const closed = once(server.server, 'close');
  server.close();
  server.server.close();
  t.equal(await idle.closed(), '');
  t.equal(await silent.closed(), '');
  busy.send(get('/late'));
  if (server.begun[1]) server.answer(server.begun[1]);
  t.equal((await busy.next())?.body, '/busy');
  await busy.closed();
  await closed;
  t.equal(server.begun.length, 2);
});

t.test('a pipelined request gets 503 while the server closes', async (t) => {
  const server = await makeServer(t, { requestsPerConnection: 1 });
  const raw = await connect(t, server.address);
  raw.send(get('/first') + get('/second'));
  await server.untilBegun(1);
  server.close();
  if (server.begun[0]) server.answer(server.begun[0]);
  t.equal((await raw.next())?.body, '/first');
  const refused = await raw.next();
  t.match(refused, { status: 503, headers: { 'retry-after': /\d/, connection: 'close' } });
  t.equal(codeOf(refused), 'shutting_down');
  await raw.closed();
});

t.test('connections that hang are closed after the grace period', async (t) => {
  const server = await makeServer(t, { stopGraceMs: 50 });
  const raw = await connect(t, server.address);
  raw.send(get('/hangs'));
  await server.untilBegun(1);
  const closed = once(server.server, 'close');
  server.close();
  server.server.close();
  await closed;
  t.equal(await raw.closed(), '');
});

t.test('requests that wait for a run or a generation get a response when the service stops', async (t) => {
  const hour = 3_600_000;
  const service = await makeService(t, { runWaitMs: hour, generationWaitMs: hour });
  const accepted = new Promise<void>((resolve) => {
    service.bus.respond(INGEST_RUN, () => {
      resolve();
      return { run_id: 'the-run' };
    });
  });
  const [run, generation] = [await connect(t, service.address), await connect(t, service.address)];
  run.send('POST /data HTTP/1.1\r\nhost: localhost\r\n\r\n');
  generation.send(get('/data?min_generation=9'));
  await accepted;
  // Answered behind both.
  await service.ask('/status');
  const stopped = service.stop();
  t.match(await run.next(), { status: 202, headers: { location: '/runs/the-run' } });
  const answer = await generation.next();
  t.match(answer, { status: 503, headers: { 'retry-after': /\d/ } });
  t.equal(codeOf(answer), 'generation_not_reached');
  await stopped;
});
