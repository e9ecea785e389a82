import fc from 'fast-check';
import t from 'tap';
import { usersNamed } from '../support/_generation.ts';
import { connect, get } from '../support/_raw.ts';
import { makeService } from '../support/_service.ts';

/** What an error may take, bytes. */
const MAX_PROBLEM = 16 * 1024;
/** Characters that take the most room in JSON or UTF-8, and others. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u0000', '"', '\\', '\u{1f600}', '\ud800', 'é', 'a'),
    fc.string({ maxLength: 1 }),
  ),
  maxLength: 300,
});
const encoded = (part: string): string => encodeURIComponent(part.toWellFormed());
const target = fc.oneof(
  fc
    .array(fc.tuple(text, text), { maxLength: 40 })
    .map((pairs) => `/data?${pairs.map((pair) => pair.map(encoded).join('=')).join('&')}`),
  text.map((id) => `/data/${encoded(id)}`),
  text.map((id) => `/data/${encoded(id)}/image`),
  text.map((id) => `/runs/${encoded(id)}`),
  text.map((path) => `/x/${encoded(path)}`),
  text.map((cursor) => `/data?cursor=${encoded(cursor)}`),
  text.map((name) => `/data?min_age=${encoded(name).repeat(10)}`),
);

t.test('error responses are small for any request', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, usersNamed('x', 1));
  await fc.assert(
    fc.asyncProperty(target, fc.constantFrom('GET', 'DELETE'), async (path, method) => {
      const { status, headers, body } = await ask(path, {}, method);
      if (status < 400) return;
      t.match(headers['content-type'], /problem\+json/);
      if (body.length > MAX_PROBLEM) t.fail(`${body.length} bytes for ${path}`);
    }),
    { numRuns: 100 },
  );
});

t.test('thousands of unknown parameters get a small response', async (t) => {
  const { address, publish } = await makeService(t);
  await publish(1, usersNamed('x', 1));
  const names = Array.from({ length: 5_000 }, (_, i) => `p${i}`);
  const raw = await connect(t, address);
  raw.send(get(`/data?${names.join('&')}`));
  const answer = await raw.next();
  t.equal(answer?.status, 400);
  t.ok((answer?.body.length ?? 0) < 4_096, `${answer?.body.length} bytes`);
  const { parameters, detail } = JSON.parse(answer?.body ?? '{}');
  t.equal(parameters.length, 10);
  t.match(detail, /^p0 is unknown; known are is_image_exists, .*; and 4990 more$/);
});
