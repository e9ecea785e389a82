import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { clientOf, peerClientOf } from '../../src/http/client/client.ts';
import { NO_PROXIES } from '../../src/http/client/trusted-proxies.ts';
import { openLimitHits } from '../../src/http/limits/limit-hits.ts';
import { LIMITS, type Limits } from '../../src/http/limits/limits.ts';
import { openRequestSlots } from '../../src/http/limits/request-slots.ts';
import { openOriginRules } from '../../src/http/origin/origin-rules.ts';
import { openHttpServer } from '../../src/http/server/http-server.ts';

/** The HTTP server without Fastify: each request waits until the test answers it. */
export async function makeServer(t: Test, changes: Partial<Limits> = {}) {
  const limits = { ...LIMITS, ...changes };
  const begun: { url: string; response: ServerResponse }[] = [];
  const events = new EventEmitter();
  let unanswered = 0;
  let mostUnanswered = 0;
  const hits = openLimitHits();
  const isLate = { now: false };
  const http = openHttpServer({
    limits,
    hits,
    requests: openRequestSlots(
      limits,
      (request) => clientOf(request, NO_PROXIES),
      () => isLate.now,
      hits,
    ),
    peerOf: (socket) => peerClientOf(socket, NO_PROXIES),
    cache: (handler) => handler,
    log: { warn: (_fields, message) => t.fail(message) },
    origin: openOriginRules('127.0.0.1'),
  });
  const server = http.serve((request, response) => {
    mostUnanswered = Math.max(mostUnanswered, ++unanswered);
    // Before the server's own listener, which starts the next request.
    response.prependListener('close', () => unanswered--);
    begun.push({ url: request.url ?? '', response });
    events.emit('begun');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  const { port }: AddressInfo = Object(server.address());

  return {
    address: `http://127.0.0.1:${port}`,
    server,
    hits: hits.counts,
    /** Whether the event loop counts as late. */
    isLate,
    begun,
    mostUnanswered: () => mostUnanswered,
    close: http.close,
    /** Waits until `count` requests have started in total. */
    async untilBegun(count: number): Promise<void> {
      while (begun.length < count) await once(events, 'begun');
    },
    answer({ url, response }: { url: string; response: ServerResponse }): void {
      response.writeHead(200, { 'content-length': Buffer.byteLength(url) }).end(url);
    },
  };
}

export type HeldServer = Awaited<ReturnType<typeof makeServer>>;
