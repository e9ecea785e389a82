import t from 'tap';
import { makeGeneration, usersNamed } from '../../../test/support/_generation.ts';
import { tagAtHand, tagsOf } from './etag.ts';

const { manifest } = makeGeneration(7, usersNamed('x', 1));
const other = makeGeneration(8, usersNamed('y', 1)).manifest;
const NOON = Date.UTC(2026, 5, 1, 12);
const asked = { path: '/data', query: { min_age: 5, max_age: 9 }, format: 'json', day: NOON };
const tags = tagsOf(manifest, asked);

t.test('an ETag leads with the generation, and is quoted', async (t) => {
  t.match(tags.identity, /^"7-[\w-]{22}"$/);
  t.match(tags.gzip, /^"7-[\w-]{22}-gzip"$/);
});

t.test('the same answer has the same one', async (t) => {
  t.same(tagsOf(manifest, { ...asked, day: NOON + 11 * 3_600_000 }), tags, 'all day long');
  const waiting = { ...asked, query: { ...asked.query, min_generation: 7 } };
  t.same(tagsOf(manifest, waiting), tags, 'whether one would have waited or not');
});

t.test('another answer has another one', async (t) => {
  for (const [what, different] of [
    ['path', tagsOf(manifest, { ...asked, path: '/stats' })],
    ['parameter', tagsOf(manifest, { ...asked, query: { min_age: 5, max_age: 8 } })],
    ['fewer parameters', tagsOf(manifest, { ...asked, query: { min_age: 5 } })],
    ['format', tagsOf(manifest, { ...asked, format: 'csv' })],
    ['day', tagsOf(manifest, { ...asked, day: NOON + 12 * 3_600_000 })],
    ['no day', tagsOf(manifest, { ...asked, day: undefined })],
    ['generation', tagsOf({ ...manifest, generation: 8 }, asked)],
    ['version', tagsOf({ ...manifest, version: other.version }, asked)],
  ] as const) {
    t.not(different.identity, tags.identity, what);
  }
});

t.test('If-None-Match is a list, compared weakly', async (t) => {
  const both = [tags.identity, tags.gzip];
  for (const [header, expected] of [
    [undefined, undefined],
    ['', undefined],
    ['"7-other"', undefined],
    [tags.identity.slice(1, -1), undefined],
    [tags.identity, tags.identity],
    [tags.gzip, tags.gzip],
    [`W/${tags.identity}`, tags.identity],
    [`"a", W/"b" ,${tags.gzip}`, tags.gzip],
    ['*', tags.identity],
  ] as const) {
    t.equal(tagAtHand(header, both), expected, header ?? 'none');
  }
  t.equal(tagAtHand(tags.gzip, [tags.identity]), undefined);
});
