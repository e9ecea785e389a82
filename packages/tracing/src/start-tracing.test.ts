import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { makeLogger } from '@landfall/process/logger';
import { readSettings } from '@landfall/process/settings';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { startTracing } from './start-tracing.ts';
import { tracingSettings } from './tracing-settings.ts';

/** Starts tracing with variables of the environment, which the exporter reads as well. */
async function start(t: Test, env: Record<string, string>) {
  Object.assign(process.env, env);
  t.teardown(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
  const lines: string[] = [];
  const keep = (...all: unknown[]) => void lines.push(String(all.at(-1)));
  const log = Object.assign(Object.create(makeLogger('test', 'silent')), { warn: keep, info: keep });
  const settings = readSettings(Type.Object(tracingSettings), process.env);
  return { ...(await startTracing(settings, 'test', log)), lines };
}

async function listen(t: Test, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${Object(server.address()).port}`;
}

t.test('a collector that does not answer delays the stop by a second at most', async (t) => {
  const asked = Promise.withResolvers<void>();
  const waiting: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    waiting.push(response);
    asked.resolve();
  });
  const { tracer, stopStep } = await start(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: await listen(t, server),
    OTEL_EXPORTER_OTLP_TIMEOUT: '3600000',
  });
  for (let i = 0; i < 5_000; i++) tracer.start('x', []).end();
  await asked.promise;
  const late = setTimeout(() => t.fail('it waits for the collector'), 20_000);
  await stopStep.stop();
  clearTimeout(late);
  // Otherwise the exporter would try again until its timeout.
  server.on('request', (_request, response) => response.writeHead(400).end());
  for (const response of waiting) response.writeHead(400).end();
});

t.test('neither does one that is away', async (t) => {
  const { tracer, stopStep } = await start(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
  });
  tracer.start('x', []).end();
  await stopStep.stop();
});

t.test('lost spans are reported once, and that they are sent again', async (t) => {
  let status = 400;
  const url = await listen(
    t,
    createServer((request, response) => {
      request.resume();
      response.writeHead(status).end();
    }),
  );
  const { tracer, stopStep, lines } = await start(t, { OTEL_EXPORTER_OTLP_ENDPOINT: url });
  const untilLines = async (count: number) => {
    while (lines.length < count) {
      // A full batch is sent at once.
      for (let i = 0; i < 512; i++) tracer.start('x', []).end();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await untilLines(1);
  status = 200;
  await untilLines(2);
  await stopStep.stop();
  t.match(lines, [/cannot be sent to the collector/, /^spans are sent/]);
});

t.test('without the variables, spans do nothing', async (t) => {
  const { tracer, stopStep } = await start(t, {});
  t.equal(tracer.isOn, false);
  const span = tracer.start('x', []).child('y');
  t.match(span, { context: undefined, traceId: undefined });
  await stopStep.stop();
});
