import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './registry.ts';

/** How long a client may take to send its request, ms. */
const REQUEST_MS = 5_000;
/** How often Node looks for clients that take longer, ms. Its default of 30 s would let idle connections hold every place so long. */
const CHECK_EVERY_MS = 1_000;
const MAX_CONNECTIONS = 32;

/**
 * Serves `GET /metrics` on a port of its own, without tokens: do not publish the port.
 *
 * @throws the error of listen
 */
export async function serveMetrics(host: string, port: number, metrics: Metrics) {
  const options = {
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
  };
  const server = createServer(options, (request, response) => {
    request.resume();
    const { url = '', method } = request;
    if (url.split('?', 1)[0] !== '/metrics') response.writeHead(404).end();
    else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
    else sendMetrics(response, metrics);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, host);
  await once(server, 'listening');
  const address: AddressInfo = Object(server.address());
  return {
    port: address.port,
    async close(): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function sendMetrics(response: ServerResponse, metrics: Metrics): void {
  metrics.render().then(
    (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
    () => response.writeHead(500).end(),
  );
}
