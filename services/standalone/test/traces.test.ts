import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { start, temporary } from './_process.ts';

/**
 * Prints each module of OpenTelemetry that the program or one of its threads loads, except the API, which prom-client loads for its
 * exemplars: about 70 small files without any work.
 */
const SHOW_LOADED = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  registerHooks({
    resolve(name, context, next) {
      const found = next(name, context);
      const isApi = /prom-client|@opentelemetry\\/api\\//.test(context.parentURL ?? '');
      if (found.url.includes('@opentelemetry/') && !isApi) writeSync(2, 'LOADED ' + found.url + '\\n');
      return found;
    },
  });
`)}`;

/** Starts a collector. @returns its URL */
async function collector(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${Object(server.address()).port}`;
}

const run = (t: Test, settings: NodeJS.ProcessEnv) =>
  start(t, { DATA_DIR: temporary(t), NODE_OPTIONS: `--import=${SHOW_LOADED}`, ...settings });

t.test('without the variables, nothing of OpenTelemetry is loaded for traces', async (t) => {
  const program = run(t, { OTEL_SERVICE_NAME: 'unused' });
  const address = await program.address();
  const { status, headers } = await fetch(`${address}/data`, { method: 'POST' });
  t.equal(status, 200);
  t.notOk(headers.has('traceparent'));
  t.equal(await program.end('SIGTERM'), 0);
  t.notMatch(program.printed(), 'LOADED');
});

t.test('with an endpoint, a collector receives the spans of a request to its end', async (t) => {
  const received: Buffer[] = [];
  const requests: object[] = [];
  const OTEL_EXPORTER_OTLP_ENDPOINT = await collector(t, async (request, response) => {
    const { method, url, headers } = request;
    requests.push({ method, url, ...headers });
    received.push(await buffer(request));
    response.writeHead(200).end();
  });
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret' };
  const program = run(t, { ...settings, OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=testing' });
  const address = await program.address();
  const traceId = 'a'.repeat(32);
  const { headers } = await fetch(`${address}/data`, {
    method: 'POST',
    headers: { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` },
  });
  t.match(headers.get('traceparent'), traceId);
  t.equal(await program.end('SIGTERM'), 0, 'the last spans are sent at the stop');
  t.match(requests[0], {
    method: 'POST',
    url: '/v1/traces',
    'content-type': 'application/x-protobuf',
    'x-key': 'secret',
  });
  const bytes = Buffer.concat(received);
  t.ok(bytes.includes(Buffer.from(traceId, 'hex')));
  for (const text of ['landfall', 'testing', 'POST /data', 'send ingest.run', 'process ingest.run', 'load'])
    t.ok(bytes.includes(text), text);
  t.match(program.printed(), 'LOADED', 'what the other test looks for');
  t.notMatch(program.printed(), 'secret');
});
