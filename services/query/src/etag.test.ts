import t from 'tap';
import { makeGeneration, usersNamed } from '../test/_generation.ts';
import { etagOf } from './etag.ts';

const { manifest } = makeGeneration(7, usersNamed('x', 1));
const other = makeGeneration(8, usersNamed('y', 1)).manifest;
const NOON = Date.UTC(2026, 5, 1, 12);
const asked = { path: '/data', query: { min_age: 5, max_age: 9 }, day: NOON };
const tag = etagOf(manifest, asked);

t.test('an ETag leads with the generation, and is quoted', async (t) => {
  t.match(tag, /^"7-[\w-]{22}"$/);
});

t.test('the same answer has the same one', async (t) => {
  t.equal(
    etagOf(manifest, { ...asked, query: { max_age: 9, min_age: 5 } }),
    tag,
    'whatever the order of parameters',
  );
  t.equal(etagOf(manifest, { ...asked, day: NOON + 11 * 3_600_000 }), tag, 'all day long');
});

t.test('another answer has another one', async (t) => {
  for (const [what, different] of [
    ['path', etagOf(manifest, { ...asked, path: '/stats' })],
    ['parameter', etagOf(manifest, { ...asked, query: { min_age: 5, max_age: 8 } })],
    ['fewer parameters', etagOf(manifest, { ...asked, query: { min_age: 5 } })],
    ['day', etagOf(manifest, { ...asked, day: NOON + 12 * 3_600_000 })],
    ['no day', etagOf(manifest, { ...asked, day: undefined })],
    ['generation', etagOf({ ...manifest, generation: 8 }, asked)],
    ['version', etagOf({ ...manifest, version: other.version }, asked)],
  ] as const) {
    t.not(different, tag, what);
  }
});
