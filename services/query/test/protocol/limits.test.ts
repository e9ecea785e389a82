import t from 'tap';
import { maxConnections } from '../../src/http/server/connection-limit.ts';
import { codeOf, connect, get } from '../support/_raw.ts';
import { makeServer } from '../support/_server.ts';

/** The requests of one send of a known abuse. */
const MANY = 1_008;
const pipelined = (count: number): string => Array.from({ length: count }, (_, i) => get(`/${i}`)).join('');

t.test('pipelined requests are handled a few at a time, and all get responses in order', async (t) => {
  const server = await makeServer(t, { requestsPerConnection: 8 });
  const raw = await connect(t, server.address);
  raw.send(pipelined(MANY));
  for (let i = 0; i < MANY; i++) {
    await server.untilBegun(i + 1);
    const next = server.begun[i];
    if (next) server.answer(next);
    t.equal((await raw.next())?.body, `/${i}`);
  }
  t.equal(server.begun.length, MANY);
  t.ok(server.mostUnanswered() <= 8, `${server.mostUnanswered()} at a time`);
});

t.test('a connection with queued requests is not read, and other connections are served', async (t) => {
  const server = await makeServer(t, { requestsPerConnection: 2 });
  const raw = await connect(t, server.address);
  // More than sockets hold on to, so that the rest stays with the client.
  const all = 600_000;
  raw.send(pipelined(all));
  await server.untilBegun(2);
  const other = await connect(t, server.address);
  other.send(get('/other'));
  await server.untilBegun(3);
  t.equal(server.begun[2]?.url, '/other');
  t.ok(raw.socket.writableLength > 0, 'the client is slowed down');
  raw.socket.destroy();
  server.begun.forEach(server.answer);
  t.equal((await other.next())?.body, '/other');
  t.ok(server.begun.length < 10, `what waited was not begun: ${server.begun.length}`);
});

t.test('above the limit of queued requests, the client gets 503 and the connection is closed', async (t) => {
  const server = await makeServer(t, { requestsPerConnection: 2, queuedRequests: 10 });
  const [raw, other] = [await connect(t, server.address), await connect(t, server.address)];
  raw.send(pipelined(MANY));
  for (let i = 0; i < 12; i++) {
    await server.untilBegun(i + 1);
    const next = server.begun[i];
    if (next) server.answer(next);
    t.equal((await raw.next())?.body, `/${i}`);
  }
  const refused = await raw.next();
  t.match(refused, { status: 503, headers: { connection: 'close', 'retry-after': /\d/ } });
  t.equal(codeOf(refused), 'too_busy');
  t.equal(await raw.closed(), '', 'nothing comes after that');
  t.equal(server.begun.length, 12);
  // What waited counts no more.
  other.send(pipelined(12));
  for (let i = 0; i < 12; i++) {
    await server.untilBegun(13 + i);
    const next = server.begun[12 + i];
    if (next) server.answer(next);
    t.equal((await other.next())?.status, 200);
  }
});

t.test(
  'the limit of concurrent requests holds over all connections, and the health check passes it',
  async (t) => {
    const server = await makeServer(t, { concurrentRequests: 10 });
    const raws = [];
    for (let i = 0; i < 20; i++) {
      const raw = await connect(t, server.address);
      raw.send(get(`/${i}`));
      raws.push(raw);
      if (i < 10) await server.untilBegun(i + 1);
    }
    for (const raw of raws.slice(10)) {
      const refused = await raw.next();
      t.match(refused, { status: 503, headers: { 'retry-after': /\d/, 'content-type': /problem\+json/ } });
      t.equal(codeOf(refused), 'too_busy');
    }
    t.equal(server.begun.length, 10);
    raws[10]?.send(get('/healthz'));
    await server.untilBegun(11);
    raws[0]?.socket.destroy();
    server.begun.slice(1).forEach(server.answer);
    t.match(await raws[10]?.next(), { status: 200, body: '/healthz' });
    raws[11]?.send(get('/later'));
    await server.untilBegun(12);
    t.equal(server.begun[11]?.url, '/later', 'once they are answered or gone, there is room');
  },
);

t.test('a new connection replaces the one that was idle for the longest time', async (t) => {
  const server = await makeServer(t, { connections: 32 });
  const raws = [];
  for (let i = 0; i < 32; i++) raws.push(await connect(t, server.address));
  const [first, second] = raws;
  first?.send(get('/first'));
  await server.untilBegun(1);
  const added = await connect(t, server.address);
  added.send(get('/added'));
  await server.untilBegun(2);
  await second?.closed();
  server.begun.forEach(server.answer);
  t.equal((await first?.next())?.status, 200, 'one at work stays');
  t.equal((await added.next())?.status, 200);
});

t.test('a new connection gets 503 when no connection is idle', async (t) => {
  const server = await makeServer(t, { connections: 32 });
  for (let i = 0; i < 32; i++) (await connect(t, server.address)).send(get('/'));
  await server.untilBegun(32);
  const refused = await connect(t, server.address);
  refused.send(get('/'));
  t.equal(codeOf(await refused.next()), 'too_busy');
  await refused.closed();
  t.equal(server.begun.length, 32);
});

t.test('one client has a part of the connections: its own are replaced, or it gets 429', async (t) => {
  const server = await makeServer(t, { connectionsPerClient: 2 });
  const [first, second] = [await connect(t, server.address), await connect(t, server.address)];
  second.send(get('/second'));
  await server.untilBegun(1);
  const third = await connect(t, server.address);
  await first.closed();
  third.send(get('/third'));
  await server.untilBegun(2);
  const refused = await connect(t, server.address);
  const answer = await refused.next();
  t.match(answer, { status: 429, headers: { 'retry-after': /\d/, connection: 'close' } });
  t.equal(codeOf(answer), 'too_many_requests');
  server.begun.forEach(server.answer);
  for (const raw of [second, third]) t.equal((await raw.next())?.status, 200);
  t.match(server.hits, { connections_per_client: 2, connections: 0 });
});

t.test('a client has a part of the requests that are answered at the same time', async (t) => {
  const server = await makeServer(t, { concurrentRequestsPerClient: 2 });
  const raw = await connect(t, server.address);
  raw.send(pipelined(2));
  await server.untilBegun(2);
  const other = await connect(t, server.address);
  other.send(get('/refused'));
  const refused = await other.next();
  t.match(refused, { status: 429, headers: { 'retry-after': /\d/ } });
  t.equal(codeOf(refused), 'too_many_requests');
  t.match(server.hits, { concurrent_requests_per_client: 1 });
});

t.test('while the event loop is late, few requests are answered, and the health check is', async (t) => {
  const server = await makeServer(t);
  const raws = [];
  for (let i = 0; i < 33; i++) {
    const raw = await connect(t, server.address);
    raw.send(get(`/${i}`));
    await server.untilBegun(i + 1);
    raws.push(raw);
  }
  server.isLate.now = true;
  const late = await connect(t, server.address);
  late.send(get('/late'));
  const refused = await late.next();
  t.match(refused, { status: 503, headers: { 'retry-after': /\d/ } });
  t.equal(codeOf(refused), 'too_busy');
  t.match(server.hits, { event_loop_delay: 1 });
  late.send(get('/healthz'));
  await server.untilBegun(34);
  server.begun.forEach(server.answer);
  t.equal((await late.next())?.status, 200);
  for (const raw of raws) t.equal((await raw.next())?.status, 200);
  late.send(get('/later'));
  await server.untilBegun(35);
  t.equal(server.begun[34]?.url, '/later', 'what is answered makes room');
});

t.test('a long address is refused', async (t) => {
  const server = await makeServer(t, { urlLength: 100 });
  const raw = await connect(t, server.address);
  raw.send(get(`/${'x'.repeat(100)}`));
  const refused = await raw.next();
  t.equal(refused?.status, 414);
  t.equal(codeOf(refused), 'uri_too_long');
  raw.send(get(`/${'x'.repeat(99)}`));
  await server.untilBegun(1);
  t.match(server.hits, { url_length: 1 });
});

t.test('connections leave file descriptors to the rest of the process', async (t) => {
  t.equal(maxConnections(4_096, 1_000_000), 4_096);
  t.equal(maxConnections(4_096, 1_024), 768);
  t.equal(maxConnections(4_096, 64), 32);
  t.ok(maxConnections(4_096) > 0);
});

t.test('a request that does not arrive in time gets 408', async (t) => {
  const server = await makeServer(t, { headersTimeoutMs: 100, requestTimeoutMs: 200, timeoutCheckMs: 20 });
  for (const part of ['', 'GET / HTT', 'GET / HTTP/1.1\r\nhost: localhost\r\nx: y']) {
    const raw = await connect(t, server.address);
    raw.send(part);
    const answer = await raw.next();
    t.match(answer, { status: 408, headers: { connection: 'close' } }, JSON.stringify(part));
    t.equal(codeOf(answer), 'request_timeout');
    await raw.closed();
  }
  const slow = await connect(t, server.address);
  slow.send('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nhalf');
  await slow.closed();
  t.equal(server.begun.length, 1);
});

t.test('a request that is late because its connection is paused is not refused', async (t) => {
  const server = await makeServer(t, { requestsPerConnection: 1, headersTimeoutMs: 100, timeoutCheckMs: 20 });
  const raw = await connect(t, server.address);
  raw.send(`${pipelined(2)}GET /2 HTT`);
  await server.untilBegun(1);
  // By the time that this one is refused, that part of a request would have been, too.
  const later = await connect(t, server.address);
  t.equal((await later.next())?.status, 408);
  for (let i = 0; i < 3; i++) {
    await server.untilBegun(i + 1);
    const next = server.begun[i];
    if (next) server.answer(next);
    t.equal((await raw.next())?.body, `/${i}`);
    if (i === 0) raw.send('P/1.1\r\nhost: localhost\r\n\r\n');
  }
});

t.test('an unused body has a size limit', async (t) => {
  const { makeService } = await import('../support/_service.ts');
  const service = await makeService(t, { limits: { bodyBytes: 1_000 } });
  const raw = await connect(t, service.address);
  raw.send('POST /data HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n');
  const chunk = `400\r\n${'x'.repeat(1_024)}\r\n`;
  raw.send(chunk.repeat(4));
  await raw.closed();
  t.pass('it is cut off');
});
