import t from 'tap';
import { makeGeneration, usersNamed } from '../../../test/support/_generation.ts';
import { etagsFor, matchingEtag } from './etag.ts';

const { manifest } = makeGeneration(7, usersNamed('x', 1));
const other = makeGeneration(8, usersNamed('y', 1)).manifest;
const NOON = Date.UTC(2026, 5, 1, 12);
const input = { path: '/data', query: { min_age: 5, max_age: 9 }, format: 'json', day: NOON };
const tags = etagsFor(manifest, input);

t.test('an ETag begins with the generation and is quoted', async (t) => {
  t.match(tags.identity, /^"7-[\w-]{22}"$/);
  t.match(tags.gzip, /^"7-[\w-]{22}-gzip"$/);
});

t.test('equal responses have equal ETags', async (t) => {
  t.same(etagsFor(manifest, { ...input, day: NOON + 11 * 3_600_000 }), tags, 'all day long');
  const waiting = { ...input, query: { ...input.query, min_generation: 7 } };
  t.same(etagsFor(manifest, waiting), tags, 'whether one would have waited or not');
});

t.test('different responses have different ETags', async (t) => {
  for (const [what, different] of [
    ['path', etagsFor(manifest, { ...input, path: '/stats' })],
    ['parameter', etagsFor(manifest, { ...input, query: { min_age: 5, max_age: 8 } })],
    ['fewer parameters', etagsFor(manifest, { ...input, query: { min_age: 5 } })],
    ['format', etagsFor(manifest, { ...input, format: 'csv' })],
    ['day', etagsFor(manifest, { ...input, day: NOON + 12 * 3_600_000 })],
    ['no day', etagsFor(manifest, { ...input, day: undefined })],
    ['generation', etagsFor({ ...manifest, generation: 8 }, input)],
    ['version', etagsFor({ ...manifest, version: other.version }, input)],
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
    t.equal(matchingEtag(header, both), expected, header ?? 'none');
  }
  t.equal(matchingEtag(tags.gzip, [tags.identity]), undefined);
});
