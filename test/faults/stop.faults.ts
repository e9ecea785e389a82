import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { openChanges } from './_changes.ts';
import { makeFaultFixture } from './_fault-fixture.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;

t.test('SIGTERM stops both services when something hangs', { skip }, async (t) => {
  const fixture = await makeFaultFixture(t);
  const { query, nats, proxy } = fixture;
  const changes = openChanges(fixture, 60);
  await changes.fill();
  const ingestor = await fixture.ingestor('ingestor');
  const sockets: net.Socket[] = [];
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  const hangs: Record<string, [() => void | Promise<void>, () => void]> = {
    'NATS is paused': [() => nats.pause(), () => nats.resume()],
    'the store never answers': [
      async () => {
        proxy.use(() => ({ kind: 'hang' }));
        void fixture.post();
        await sleep(300);
      },
      () => proxy.use(undefined),
    ],
    'a client does not read': [
      () => {
        const { port } = new URL(query.url);
        for (let i = 0; i < 20; i++) {
          const socket = net.connect(Number(port), '127.0.0.1');
          socket.pause();
          socket.on('error', () => undefined);
          socket.write('GET /data HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(50));
          sockets.push(socket);
        }
      },
      () => undefined,
    ],
  };
  for (const [what, [begin, end]] of Object.entries(hangs)) {
    ingestor.start();
    query.start();
    await fixture.untilMirrored(`before ${what}`);
    await begin();
    const ended = await Promise.all([ingestor.end('SIGTERM'), query.end('SIGTERM')]);
    end();
    for (const [i, { ms }] of ended.entries()) {
      t.comment(`${what}: ${i === 0 ? 'ingestor' : 'query'} ended after ${Math.round(ms)} ms`);
    }
    t.pass(`${what}: both ended`);
    await changes.one();
  }
});
