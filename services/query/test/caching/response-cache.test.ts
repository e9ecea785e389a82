import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import fc from 'fast-check';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { openCacheHits } from '../../src/http/response-cache/cache-hits.ts';
import { openResponseBatcher } from '../../src/http/response-cache/response-batcher.ts';
import { openResponseCache } from '../../src/http/response-cache/response-cache.ts';
import { queryParameters, users } from '../support/_arbitrary.ts';
import { makeGeneration, usersNamed } from '../support/_generation.ts';
import { type Answer, makeService, NOON, nextOf, type Service } from '../support/_service.ts';

const HOUR = 3_600_000;

/** A step of the model test. */
type Step =
  | { what: 'publish'; users: Parameters<Service['publish']>[1] }
  | { what: 'wait'; hours: number }
  | { what: 'ask'; target: string; headers: Record<string, string>; method: string; known: boolean };

const targets = fc.oneof(
  fc.constantFrom('/data', '/stats', '/data?limit=3', '/data?limit=2&count=true', '/data/a', '/rejects'),
  fc.constantFrom('/data?generation=1', '/data?generation=2&limit=1', '/data/nobody', '/data?limit=x'),
  fc.constantFrom('/changes?since=1', '/generations', '/data?min_generation=1', '/data?min_generation=9'),
  queryParameters.map((parameters) => `/data?${new URLSearchParams(JSON.parse(JSON.stringify(parameters)))}`),
);
const headers = fc.record(
  {
    accept: fc.constantFrom('application/json', 'text/csv', '*/*', 'image/png'),
    'accept-encoding': fc.constantFrom('gzip', 'identity', 'gzip;q=0'),
  },
  { requiredKeys: [] },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('ask'),
      target: targets,
      headers,
      method: fc.constantFrom('GET', 'GET', 'HEAD'),
      known: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('publish'), users }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wait'), hours: fc.constantFrom(1, 5, 24) }) },
);

t.test('cached responses equal uncached ones, across generations and days', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      const [again, anew] = await makeBoth();
      let generation = 1;
      try {
        // Everything is asked for twice, and the next page with it.
        for (const each of [...steps, ...steps]) {
          if (each.what === 'publish') {
            generation++;
            for (const { publish } of [again, anew]) await publish(generation, each.users);
          } else if (each.what === 'wait') {
            for (const { time } of [again, anew]) time.now += each.hours * HOUR;
          } else await expectSame(again, anew, each);
        }
      } finally {
        for (const { stop } of [again, anew]) await stop();
      }
    }),
    { numRuns: 8 },
  );

  async function makeBoth() {
    const both = [
      await makeService(t, { generationWaitMs: 1 }),
      await makeService(t, { generationWaitMs: 1, cacheBytes: 0 }),
    ] as const;
    for (const { publish } of both) await publish(1, usersNamed('x', 5));
    return both;
  }

  async function expectSame(
    again: Service,
    anew: Service,
    { target, headers, method, known }: Step & { what: 'ask' },
  ) {
    let next: string | undefined = target;
    for (let page = 0; next !== undefined && page < 3; page++) {
      const first: Answer = await again.ask(next, headers, method);
      const { etag } = first.headers;
      const same = [next, known && etag ? { ...headers, 'if-none-match': etag } : headers, method] as const;
      const expected = await anew.ask(...same);
      for (const answer of [await again.ask(...same), await again.ask(...same)]) {
        t.same(seen(answer), seen(expected), JSON.stringify(same));
      }
      next = nextOf(first);
    }
  }
});

function seen({ status, headers: { date: _, connection: __, ...headers }, body }: Answer) {
  return { status, headers, body: body.toString('base64') };
}

/** An app without a data set. */
function appThatKeeps(t: Test, fixture: { kept: Manifest[]; now: number }) {
  const generations = { all: () => fixture.kept };
  const again = openResponseCache({
    ...{ dataSet: { generations }, pins: { useCached: () => undefined } },
    ...{ clock: () => fixture.now, cacheBytes: 2 ** 20 },
    ...{ dataAge: { textOf: () => '0' }, hits: openCacheHits() },
    together: openResponseBatcher(),
  });
  const app = fastify({ serverFactory: (handler) => http.createServer(again.wrapListener(handler)) });
  t.teardown(() => app.close());
  again.storeOnSend(app);
  return app;
}

t.test('a response that began before a new generation is not cached', async (t) => {
  const first = makeGeneration(1, []).manifest;
  const fixture = { kept: [first], now: NOON };
  const app = appThatKeeps(t, fixture);
  const route = new EventEmitter();
  app.get('/slow', async (_request, reply) => {
    const generation = fixture.kept[0]?.generation;
    route.emit('begun');
    await once(route, 'end');
    return reply.header('landfall-generation', generation).header('etag', `"${generation}"`).send('answer');
  });
  app.get('/other', () => 'another');
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  /** Begins a request, runs the other steps during it, and ends it. */
  async function askWhile(happens: () => void) {
    const begun = once(route, 'begun');
    const answer = fetch(`${address}/slow`);
    await begun;
    happens();
    await fetch(`${address}/other`);
    route.emit('end');
    return (await answer).headers.get('etag');
  }

  t.equal(
    await askWhile(() => {
      fixture.kept = [makeGeneration(2, []).manifest, first];
    }),
    '"1"',
  );
  t.equal(await askWhile(() => undefined), '"2"', 'made anew');
  t.equal((await fetch(`${address}/slow`)).headers.get('etag'), '"2"', 'and then given again');
  fixture.now += 24 * HOUR;
  await askWhile(() => {
    fixture.now += 24 * HOUR;
  });
  t.equal(await askWhile(() => undefined), '"2"', 'nor one of the day before');
});

t.test('a slow reader gets its response, also after its cache entry was replaced', async (t) => {
  const app = appThatKeeps(t, { kept: [makeGeneration(1, []).manifest], now: NOON });
  const SIZE = 40_000;
  app.get<{ Params: { name: string } }>('/text/:name', async ({ params: { name } }, reply) =>
    reply
      .header('landfall-generation', 1)
      .header('etag', `"${name}"`)
      .send(Buffer.alloc(SIZE, `${name} `)),
  );
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const names = [...Array.from({ length: 1_000 }, (_, i) => `slow-${i % 5}`), 'last'];
  const socket = net.connect({ host: '127.0.0.1', port: Number(port) });
  t.teardown(() => socket.destroy());
  // 40 MB, more than sockets hold on to; all but the first of each are given again.
  socket.write(names.map((name) => `GET /text/${name} HTTP/1.1\r\nhost: localhost\r\n\r\n`).join(''));
  for (let i = 0; i < 200; i++) {
    const text = await (await fetch(`http://127.0.0.1:${port}/text/quick-${i}`)).text();
    t.equal(text, `quick-${i} `.repeat(SIZE).slice(0, SIZE));
  }
  const expected = names.values();
  for await (const body of bodiesOn(socket, SIZE)) {
    const { value: name } = expected.next();
    if (body !== `${name} `.repeat(SIZE).slice(0, SIZE)) t.fail(`${name}: ${body.slice(0, 50)}`);
    if (name === undefined || name === names.at(-1)) break;
  }
  t.equal(expected.next().value, undefined, 'all of them came');
});

/** Reads the bodies of pipelined answers of a known size. */
async function* bodiesOn(socket: net.Socket, bytes: number): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const start = rest.indexOf('\r\n\r\n') + 4;
      if (start < 4 || rest.length < start + bytes) break;
      yield rest.toString('latin1', start, start + bytes);
      rest = rest.subarray(start + bytes);
    }
  }
}
