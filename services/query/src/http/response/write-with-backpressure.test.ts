import { Writable } from 'node:stream';
import t from 'tap';
import { writeWithBackpressure } from './write-with-backpressure.ts';

/** A reader that takes a text only when the test calls `take`. */
function slowReader() {
  const taken: string[] = [];
  let take: (() => void) | undefined;
  const out = new Writable({
    write(text, _encoding, done) {
      take = () => {
        taken.push(String(text));
        done();
      };
    },
  });
  const turn = () => new Promise(setImmediate);
  return {
    out,
    taken,
    turn,
    async takeOne(): Promise<void> {
      take?.();
      await turn();
    },
  };
}

/** Texts, each with memory of its own, and whether their source was ended. */
function source(words: string[]) {
  const texts = words.map((word) => Buffer.from(new TextEncoder().encode(word).buffer));
  const state = { made: 0, isEnded: false };
  async function* read(): AsyncGenerator<Buffer> {
    try {
      for (const text of texts) {
        state.made++;
        yield text;
      }
    } finally {
      state.isEnded = true;
    }
  }
  return { texts, state, read };
}

t.test('the next chunk is requested after the last one was written and its memory freed', async (t) => {
  const { out, taken, turn, takeOne } = slowReader();
  const { texts, state, read } = source(['one', 'two', 'three']);
  const poured = writeWithBackpressure(read(), out);
  await turn();
  t.equal(state.made, 1);
  t.same(
    texts.map(({ length }) => length),
    [3, 3, 5],
    'nothing of what is not taken yet',
  );
  await takeOne();
  t.equal(state.made, 2);
  t.same(
    texts.map(({ length }) => length),
    [0, 3, 5],
  );
  await takeOne();
  await takeOne();
  await poured;
  t.same(taken, ['one', 'two', 'three']);
  t.ok(out.writableFinished && state.isEnded);
});

t.test('a chunk that shares its memory is not freed', async (t) => {
  const { out, turn, takeOne } = slowReader();
  const shared = Buffer.from('one');
  const poured = writeWithBackpressure(
    (async function* () {
      yield shared;
    })(),
    out,
  );
  await turn();
  await takeOne();
  await poured;
  t.equal(String(shared), 'one');
});

t.test('a disconnect of the reader ends the source', async (t) => {
  for (const when of ['before', 'while it waits'] as const) {
    const { out, turn } = slowReader();
    const { texts, state, read } = source(['one', 'two']);
    if (when === 'before') {
      out.destroy();
      await turn();
    }
    const poured = writeWithBackpressure(read(), out);
    await turn();
    out.destroy();
    await poured;
    t.ok(state.isEnded, when);
    t.equal(state.made, 1, when);
    t.equal(texts[0]?.length, 3, `${when}: what may be on its way still keeps its memory`);
  }
});

t.test('an error of the source destroys the reader’s stream', async (t) => {
  const { out, turn, takeOne } = slowReader();
  const poured = writeWithBackpressure(
    (async function* () {
      yield Buffer.from('one');
      throw new Error('no more');
    })(),
    out,
  );
  await turn();
  await Promise.all([t.rejects(poured, { message: 'no more' }), takeOne()]);
  t.ok(out.destroyed && !out.writableEnded);
});
