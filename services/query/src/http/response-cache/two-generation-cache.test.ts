import fc from 'fast-check';
import t from 'tap';
import {
  bodyOf,
  type CachedResponse,
  type FullResponse,
  headersOf,
  openTwoGenerationCache,
} from './two-generation-cache.ts';

const KB = 1024;
const answerOf = (bytes: number, name = 'x'): FullResponse => ({
  generation: 1,
  headers: ['etag', `"1-${name}"`, 'x-name', `ü ${name}`],
  body: Buffer.alloc(bytes, name),
  isPage: false,
  route: 3,
});
const read = (kept: CachedResponse | undefined): FullResponse | undefined =>
  kept && {
    generation: kept.generation,
    headers: headersOf(kept),
    body: Buffer.from(bodyOf(kept)),
    isPage: kept.isPage,
    route: kept.route,
  };

t.test('entries can be read until the cache is cleared', async (t) => {
  const cache = openTwoGenerationCache(100 * KB);
  const answer = { ...answerOf(KB), isPage: true };
  t.same(read(cache.put('a', answer)), answer);
  t.same(read(cache.get('a')), answer);
  t.same(read(cache.put('a', answerOf(KB, 'another'))), answer, 'the first one stays');
  t.equal(cache.get('b'), undefined);
  cache.clear();
  t.equal(cache.get('a'), undefined);
});

t.test('the size limit holds, and entries that are read stay', async (t) => {
  const cache = openTwoGenerationCache(100 * KB);
  const keys = Array.from({ length: 500 }, (_, i) => `k${i}`);
  for (const key of keys) {
    cache.put(key, answerOf(10 * KB));
    cache.put(key, answerOf(10 * KB));
    t.ok(cache.get('k0'), 'asked for all the time');
  }
  // The last ones first, since looking one up moves it.
  const held = keys.toReversed().filter((each) => cache.get(each));
  t.ok(held.length > 3 && held.length * 10 * KB <= 100 * KB, `${held.length} answers`);
});

t.test('an entry that is too large is not stored, and a cache of size 0 stores nothing', async (t) => {
  const cache = openTwoGenerationCache(100 * KB);
  t.equal(cache.put('a', answerOf(90 * KB)), undefined);
  t.equal(cache.get('a'), undefined);
  const none = openTwoGenerationCache(0);
  t.equal(none.put('a', answerOf(0)), undefined);
  t.equal(none.get('a'), undefined);
});

t.test('memory is reused, except under entries that are stored or being sent', async (t) => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ put: fc.nat(60), bytes: fc.nat(4 * KB), leaves: fc.boolean() }) },
    { weight: 8, arbitrary: fc.record({ get: fc.nat(60), leaves: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ left: fc.nat() }) },
    { weight: 1, arbitrary: fc.constant({ clear: true }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const cache = openTwoGenerationCache(32 * KB);
      /** What each key was given last. */
      const put = new Map<string, FullResponse>();
      const pendingSends: { kept: CachedResponse; body: Buffer; expected: FullResponse | undefined }[] = [];
      const seen = (key: string, kept: CachedResponse | undefined, leaves: boolean) => {
        if (!kept) return;
        t.same(read(kept), put.get(key));
        if (!leaves) return;
        kept.slab.pendingSends++;
        pendingSends.push({ kept, body: bodyOf(kept), expected: put.get(key) });
      };
      for (const [i, each] of steps.entries()) {
        if ('clear' in each) cache.clear();
        else if ('left' in each) {
          const [gone] = pendingSends.splice(each.left % (pendingSends.length || 1), 1);
          if (gone) gone.kept.slab.pendingSends--;
        } else if ('put' in each) {
          const key = `k${each.put}`;
          const isThere = cache.get(key) !== undefined;
          const answer = answerOf(each.bytes, String(i));
          if (!isThere) put.set(key, answer);
          seen(key, cache.put(key, answer), each.leaves);
        } else seen(`k${each.get}`, cache.get(`k${each.get}`), each.leaves);
        for (const { body, expected } of pendingSends) t.same(Buffer.from(body), expected?.body);
      }
    }),
    { numRuns: 60 },
  );

  const cache = openTwoGenerationCache(32 * KB);
  const memories = new Set<ArrayBufferLike>();
  for (let i = 0; i < 1_000; i++) {
    const kept = cache.put(`k${i}`, answerOf(KB));
    if (kept) memories.add(kept.slab.memory.buffer);
    if (i % 300 === 0) cache.clear();
  }
  t.ok(memories.size <= 20, `${memories.size} slabs of 2 KB, for a thousand answers of one`);
});
