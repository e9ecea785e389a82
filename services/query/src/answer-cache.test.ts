import t from 'tap';
import { type FinishedAnswer, openAnswerCache } from './answer-cache.ts';

const KB = 1024;
const answerOf = (bytes: number): FinishedAnswer => ({
  generation: 1,
  etag: '"1-x"',
  headers: [],
  body: Buffer.alloc(bytes),
  isPage: false,
});

t.test('what was put in comes out, until all is cleared', async (t) => {
  const cache = openAnswerCache(100 * KB);
  const answer = answerOf(KB);
  cache.put('a', answer);
  t.equal(cache.get('a'), answer);
  t.equal(cache.get('b'), undefined);
  cache.clear();
  t.equal(cache.get('a'), undefined);
});

t.test('it never holds more than it may, and what is asked for stays', async (t) => {
  const cache = openAnswerCache(100 * KB);
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

t.test('what is larger than it may be is not kept, and nothing when there is no room at all', async (t) => {
  const cache = openAnswerCache(100 * KB);
  cache.put('a', answerOf(90 * KB));
  t.equal(cache.get('a'), undefined);
  const none = openAnswerCache(0);
  none.put('a', answerOf(0));
  t.equal(none.get('a'), undefined);
});
