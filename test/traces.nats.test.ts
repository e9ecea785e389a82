import fs from 'node:fs';
import path from 'node:path';
import { USERS } from '@landfall/contracts/dataset/users';
import { BUCKET_EVENTS, bucketEvent } from '@landfall/contracts/messages/bucket-event';
import { STREAMS } from '@landfall/contracts/messages/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { natsBus } from '@landfall/event-bus/nats/nats-bus';
import { startIngestor } from '@landfall/ingestor/start';
import { directoryStore } from '@landfall/object-store/directory-store';
import { type Logger, makeLogger } from '@landfall/process/logger';
import { startQuery } from '@landfall/query/start';
import { ownNatsIsMissing, startOwnNats } from '@landfall/test-servers/nats-server';
import { recordSpans } from '@landfall/tracing/_recorded-spans';
import t, { type Test } from 'tap';
import { makeFolder } from './_serve-definition.ts';

const HEADER = 'first_name, last_name, birthts\n';
const RUN = ['internal list', 'internal fetch', 'internal publish'];
/** The spans of a run that publishes, below its own. */
const PUBLISHED = [
  ...RUN,
  '  client upload',
  '  client put manifest.json',
  '  producer send dataset.updated',
  '    consumer process dataset.updated',
  '      internal load',
];
const below = (lines: readonly string[], depth = 1) => lines.map((line) => '  '.repeat(depth) + line);

for (const { kind, makeBuses, skip } of [
  { kind: 'an in-process bus', makeBuses: inProcess, skip: false },
  { kind: 'NATS', makeBuses: overNats, skip: ownNatsIsMissing() ?? false },
]) {
  t.test(`traces over ${kind}`, { skip }, async (t) => {
    const { recording, lines, address, add, sendEvent } = await startBoth(t, await makeBuses(t));
    const { tree, until } = recording;
    const loaded = (generation: number) =>
      until(`load of ${generation}`, ({ name, attributes }) => {
        return name === 'load' && attributes['landfall.generation'] === generation;
      });

    const first = await loaded(1);
    const started = first.spanContext().traceId;
    await until('its event', (span) => isNamed(span, 'process dataset.updated'));
    t.same(await tree(started), ['internal run', ...below(PUBLISHED)], 'a run without a request is a root');

    add('2.csv');
    const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)];
    const answer = await fetch(`${address}/data`, {
      method: 'POST',
      headers: { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'vendor=1' },
    });
    t.equal(answer.status, 200);
    const { run_id } = Object(await answer.json());
    const post = await until('the request', (span) => isNamed(span, 'POST /data'));
    await loaded(2);
    t.same(await tree(traceId), [
      'server POST /data',
      '  client send ingest.run',
      '    consumer process ingest.run',
      '      internal run',
      ...below(PUBLISHED, 4),
    ]);
    t.match(post.parentSpanContext, { traceId, spanId, isRemote: true });
    t.equal(post.spanContext().traceState?.serialize(), 'vendor=1');
    t.equal(answer.headers.get('traceparent'), `00-${traceId}-${post.spanContext().spanId}-01`);
    t.match(post.attributes, {
      'http.request.method': 'POST',
      'http.route': '/data',
      'http.response.status_code': 200,
      'url.path': '/data',
      'url.scheme': 'http',
      'landfall.run_id': run_id,
    });
    const run = await until('the run', (span) => span.attributes['landfall.trigger'] === 'request');
    t.match(run.attributes, {
      'landfall.run_id': run_id,
      'landfall.generation': 2,
      'landfall.published': true,
    });
    t.same(
      lines
        .filter((line) => line.run_id === run_id)
        .map(({ msg, generation, trace_id }) => [msg, generation, trace_id]),
      [['run succeeded', 2, traceId]],
      'one line per run',
    );
    t.match(
      lines.find(({ msg, generation }) => msg === 'a new generation is served' && generation === 2),
      { trace_id: traceId },
    );

    add('3.csv');
    sendEvent('3.csv');
    const { traceId: ofEvent } = (await loaded(3)).spanContext();
    await until('the end of the event', (span) => {
      return isNamed(span, 'process dataset.updated') && span.spanContext().traceId === ofEvent;
    });
    t.same(await tree(ofEvent), ['internal run', ...below(PUBLISHED)], 'so is that of a bucket event');
    t.equal(new Set([started, traceId, ofEvent]).size, 3);
    t.equal(
      lines.find(({ generation, msg }) => generation === 3 && msg === 'run succeeded')?.trace_id,
      ofEvent,
    );
  });
}

const isNamed = ({ name }: { name: string }, wanted: string): boolean => name === wanted;

/** Both ends of a bus: that of the ingestor and that of the query service. */
type Buses = [ingestor: EventBus, query: EventBus];

async function inProcess(t: Test): Promise<Buses> {
  const bus = inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) });
  t.teardown(bus.close);
  return [bus, bus];
}

async function overNats(t: Test): Promise<Buses> {
  const { url, user, password, stop } = await startOwnNats();
  t.teardown(stop);
  const busOf = (name: string): EventBus => {
    const bus = natsBus({ url, user, password, name }, { streams: STREAMS, onError: () => undefined });
    t.teardown(bus.close);
    return bus;
  };
  const buses: Buses = [busOf('ingestor'), busOf('query')];
  await Promise.all(buses.map((bus) => new Promise<void>((resolve) => void bus.onConnected(resolve))));
  return buses;
}

/** Starts both services on a folder with one file. */
async function startBoth(t: Test, [ingestorBus, queryBus]: Buses) {
  const folder = makeFolder(t, {});
  const add = (name: string) => {
    fs.writeFileSync(path.join(folder, 'source', name), `${HEADER}Ada, Lovelace, 5\n`);
  };
  const store = directoryStore(folder);
  await store.createBucket('source');
  await store.createBucket('processed');
  add('1.csv');
  const recording = recordSpans();
  const lines: Record<string, unknown>[] = [];
  const common = {
    ...{ definition: USERS, store, processedBucket: 'processed', keepGenerations: 3 },
    ...{ clock: Date.now, log: collectLog(lines), tracer: recording.tracer },
  };
  const query = await startQuery({
    ...{ ...common, bus: queryBus, stateDir: path.join(folder, 'query-state'), host: '127.0.0.1', port: 0 },
    ...{ runWaitMs: 10_000, generationWaitMs: 5_000, cacheBytes: 1_000_000 },
  });
  t.teardown(query.stop);
  const ingestor = startIngestor({
    ...{ ...common, bus: ingestorBus, stateDir: path.join(folder, 'ingestor-state') },
    ...{ sourceBucket: 'source', fetchConcurrency: 8, everyMs: 3_600_000 },
  });
  t.teardown(ingestor.stop);
  const sendEvent = (key: string) => queryBus.publish(BUCKET_EVENTS, bucketEvent('source', [key]));
  return { recording, lines, address: query.address, add, sendEvent };
}

/** A log that keeps its lines. */
function collectLog(lines: Record<string, unknown>[]): Logger {
  const keep = (fields: object, msg: string) => void lines.push({ ...fields, msg });
  const all = { info: keep, warn: keep, error: keep };
  return Object.assign(Object.create(makeLogger('test', 'silent')), all);
}
