import { makeLogger } from '@landfall/process/logger';
import { recordSpans } from '@landfall/tracing/_recorded-spans';
import t from 'tap';
import { headersOf, kindsOfAnswers, serviceWithImage } from '../support/_kinds-of-answers.ts';

const [TRACE, CALLER] = ['a'.repeat(32), 'b'.repeat(16)];
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/;

const QUERY = 'limit=2&first_name_prefix=x';
/** Probes, and what is refused in front of the API. */
const UNTRACED = new Set([
  ...['health', 'ready', 'an expectation', 'long headers', 'another site', 'another host'],
]);

t.test('with tracing', async (t) => {
  const lines: Record<string, unknown>[] = [];
  const warn = (fields: object) => void lines.push({ ...fields });
  const log = Object.assign(Object.create(makeLogger('test', 'silent')), { warn, error: warn });
  const { tracer, ended, until } = recordSpans();
  const { address, ask } = await serviceWithImage(t, { tracer, log });

  await t.test('every answer names its span, from the cache and streamed, too', async (t) => {
    const seen = new Set<string>();
    for (const each of await kindsOfAnswers(t, address)) {
      const [what, status, method, target] = each;
      const { traceparent = '' } = await headersOf(t, address, each);
      const [, traceId, spanId = ''] = TRACEPARENT.exec(String(traceparent)) ?? [];
      if (UNTRACED.has(what)) {
        t.equal(traceparent, '', `${what}: no span`);
        continue;
      }
      if (!t.ok(spanId, `${what}: ${traceparent}`)) continue;
      t.notOk(seen.has(spanId), `${what}: a span of its own`);
      seen.add(spanId);
      const span = await until(what, (each) => each.spanContext().spanId === spanId);
      t.equal(span.spanContext().traceId, traceId, what);
      t.equal(span.kind, 1, `${what}: a server span`);
      const { 'http.route': route, ...attributes } = span.attributes;
      t.match(
        attributes,
        { 'http.response.status_code': status, 'url.path': target.split('?')[0]?.slice(0, 1_000) },
        what,
      );
      t.equal(span.name, route === undefined ? method : `${method} ${route}`, what);
      if (/from the cache/.test(what)) t.equal(attributes['landfall.cached'], true, what);
      if (/image/.test(what)) t.notOk('landfall.cached' in attributes, what);
    }
    t.ok(seen.size > 10);
  });

  await t.test('a span continues the trace of its request', async (t) => {
    const sent = { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'vendor=1' };
    const answer = await ask(`/data?${QUERY}`, sent);
    const span = await until('the request', ({ attributes }) => attributes['url.query'] === QUERY);
    t.match(span.parentSpanContext, { traceId: TRACE, spanId: CALLER });
    t.equal(answer.headers.traceparent, `00-${TRACE}-${span.spanContext().spanId}-01`);
    t.match(span.attributes, { 'http.route': '/data' });

    const failed = await ask('/data?force=false', sent, 'POST');
    t.equal(failed.status, 503, 'nobody answers');
    const post = await until('the run', ({ attributes }) => attributes['url.query'] === 'force=false');
    t.match(post, { status: { code: 2 }, attributes: { 'error.type': '503' } });
    const { spanId } = post.spanContext();
    const request = await until('its request', (span) => span.parentSpanContext?.spanId === spanId);
    t.match(request, {
      name: 'send ingest.run',
      kind: 2,
      status: { code: 2 },
      attributes: { 'error.type': 'no_responders' },
    });
    // Of the same error, one line is written in ten seconds.
    t.match(lines, [{ url: '/data', trace_id: /^[0-9a-f]{32}$/ }]);
    await ask('/nothing', sent);
    const unknown = await until(
      'an unknown address',
      ({ attributes }) => attributes['url.path'] === '/nothing',
    );
    t.match(unknown, { name: 'GET', status: { code: 0 } }, 'an error of the client is none of the service');

    for (const traceparent of [
      '',
      'x',
      `00-${TRACE}-${CALLER}-01-more`,
      `00-${'0'.repeat(32)}-${CALLER}-01`,
    ]) {
      const { headers } = await ask('/data?limit=1', { traceparent });
      t.match(headers.traceparent, TRACEPARENT);
      t.notMatch(headers.traceparent, TRACE, `${traceparent} is not continued`);
    }

    const before = (await ended()).length;
    const { headers } = await ask('/data?limit=3', { traceparent: `00-${TRACE}-${CALLER}-00` });
    t.match(headers.traceparent, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    await ask('/data?limit=4');
    await until('the next request', ({ attributes }) => attributes['url.query'] === 'limit=4');
    t.equal((await ended()).length, before + 1, 'what the caller does not record is not recorded');
  });
});

t.test('without tracing, nothing is named', async (t) => {
  const { ask } = await serviceWithImage(t);
  const { status, headers } = await ask('/data?limit=1', { traceparent: `00-${TRACE}-${CALLER}-01` });
  t.equal(status, 200);
  t.notOk('traceparent' in headers);
});
