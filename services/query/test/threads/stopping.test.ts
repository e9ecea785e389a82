import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { STOP_WITHIN_S } from '@landfall/process/stop';
import { ownNatsIsMissing, startOwnNats } from '@landfall/test-servers/nats-server';
import t from 'tap';
import { until } from '../../../../test/_stack.ts';
import type { Status } from '../../src/monitoring/health-status.ts';
import { usersNamed } from '../support/_generation.ts';
import { silentServer, spawnQuery } from '../support/_hanging.ts';
import { makeService } from '../support/_service.ts';

t.test(
  'a waiting request gets its response on shutdown, and an idle connection does not delay it',
  { timeout: 30_000 },
  async (t) => {
    const { address, publish, stop } = await makeService(t, { generationWaitMs: 500 });
    await publish(1, usersNamed('one', 1));
    const agent = new http.Agent({ keepAlive: true });
    t.teardown(() => agent.destroy());
    const request = http.get(`${address}/stats?min_generation=2`, { agent });
    await once(request, 'finish');
    // A response to a later request shows that the server has received this one.
    await fetch(`${address}/status`);
    const stopped = stop();
    const [response]: http.IncomingMessage[] = await once(request, 'response');
    if (!response) throw new Error('no response');
    t.equal(response.statusCode, 503);
    t.match(await text(response), /generation_not_reached/);
    await stopped;
    t.pass('the server stopped while the client kept its connection');
  },
);

/** The deadline of a process, and what a loaded machine may add, ms. */
const STOPPED_WITHIN_MS = STOP_WITHIN_S * 1_000 + 5_000;
const skip = ownNatsIsMissing() ?? false;

t.test(
  'shutdown meets its deadline while clients, the store and NATS hang',
  { skip, timeout: 120_000 },
  async (t) => {
    const nats = await startOwnNats();
    t.teardown(nats.stop);
    const query = await spawnQuery(t, await silentServer(t), nats);
    const address = await query.address;
    // A client that does not read responses, one that sends half a request, an event stream, and a POST that waits.
    const { port } = new URL(address);
    const sockets = ['GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n', 'GET /sta'].map((text) => {
      const socket = net.connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.pause();
      socket.write(text.repeat(text.endsWith('\r\n\r\n') ? 50 : 1));
      return socket;
    });
    t.teardown(() => sockets.forEach((socket) => void socket.destroy()));
    const events = http.get(`${address}/events`);
    events.on('error', () => undefined);
    await once(events, 'response');
    await nats.pause();

    const post = http.request(`${address}/data`, { method: 'POST' }).end();
    post.on('error', () => undefined);
    await once(post, 'finish');
    await fetch(`${address}/status`);

    const { code, ms } = await query.end();
    t.ok(code === 0 || code === 1, `exit code ${code}`);
    t.ok(ms < STOPPED_WITHIN_MS, `${Math.round(ms)} ms`);
  },
);

t.test('a second signal ends the process at once', { skip, timeout: 60_000 }, async (t) => {
  const nats = await startOwnNats();
  t.teardown(nats.stop);
  const query = await spawnQuery(t, await silentServer(t), nats);
  const address = await query.address;
  const events = http.get(`${address}/generations?min_generation=9`);
  events.on('error', () => undefined);
  await once(events, 'finish');
  await fetch(`${address}/status`);
  query.child.kill('SIGTERM');
  await until(
    'stopping',
    async () => query.log(),
    (log) => log.includes('SIGTERM: stopping'),
  );
  const { code } = await query.end('SIGTERM');
  t.match(code, /^(?:SIGTERM|0)$/);
});

t.test('the service continues when its log output is closed', { skip, timeout: 60_000 }, async (t) => {
  const nats = await startOwnNats();
  t.teardown(nats.stop);
  const query = await spawnQuery(t, await silentServer(t), nats, { LOG_LEVEL: 'trace' });
  const address = await query.address;
  query.child.stdout?.destroy();
  query.child.stderr?.destroy();
  // The lost connection is logged.
  await nats.kill();
  await until(
    'the lost connection to NATS is reported',
    async (): Promise<Status> => JSON.parse(await (await fetch(`${address}/status`)).text()),
    ({ reasons }) => reasons.some(({ code }) => code === 'event_bus_away'),
  );
  t.equal(query.child.exitCode, null);
  t.equal((await query.end()).code, 0);
});

t.test('an unusable STATE_DIR is a configuration error with exit code 78', { skip }, async (t) => {
  const nats = await startOwnNats();
  t.teardown(nats.stop);
  const file = path.join(t.testdir({ file: 'no folder' }), 'file');
  const query = await spawnQuery(t, await silentServer(t), nats, { STATE_DIR: file });
  const [code] = await query.ended;
  t.equal(code, 78);
  t.equal(
    query.log(),
    `STATE_DIR (${file}) can't be used: it is not a folder: name a folder, or remove the file or link that is in its place. (EEXIST)\n`,
  );
});
