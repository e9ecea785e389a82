import fc from 'fast-check';
import t from 'tap';
import { contents, LAST, more, page } from '../_scripted-s3.ts';
import { scanListing } from './fast-path.ts';
import { parseListing, parseXml } from './parse-listing.ts';

const answer = { headers: {}, elapsed: 0 };
const parse = (body: Buffer) => parseListing(body, answer);

const key = fc.oneof(
  fc.constantFrom('a.csv', 'a&amp;b', '&#x1;', '&#xFFFFFFFF;', 'bad%FF', '100%', '+', '', '漢', 'Contents'),
  fc.string().map((text) => text.replaceAll(/[<&]/g, '')),
);
const pages = fc
  .record({
    keys: fc.array(key, { maxLength: 6 }),
    head: fc.constantFrom(LAST, more('token'), more('&amp;')),
    isEncoded: fc.boolean(),
    isCounted: fc.boolean(),
    between: fc.constantFrom('', '\n'),
  })
  .map(({ keys, head, isEncoded, isCounted, between }) => {
    const parts = [isEncoded ? '<EncodingType>url</EncodingType>' : '', head];
    if (isCounted) parts.push(`<KeyCount>${keys.length}</KeyCount>`);
    return {
      count: keys.length,
      text: page([...parts, ...keys.map((each) => contents(each))].join(between)),
    };
  });

type Mutation = (bytes: Buffer, at: number, value: number) => Buffer;
const cut: Mutation = (bytes, at) => bytes.subarray(0, at);
const flip: Mutation = (bytes, at, value) => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (value || 1);
  return copy;
};
const repeat: Mutation = (bytes, at, value) =>
  Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - value))]);
const drop: Mutation = (bytes, at, value) =>
  Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + value)]);

const mutated = fc
  .tuple(pages, fc.constantFrom(cut, flip, repeat, drop), fc.nat(), fc.nat({ max: 255 }))
  .map(([{ count, text }, mutate, at, value]) => {
    const bytes = Buffer.from(text);
    return { count, text, mutate, bytes: mutate(bytes, at % bytes.length, value) };
  });

t.test('a modified page is read completely or is an error', async (t) => {
  let errors = 0;
  fc.assert(
    fc.property(mutated, ({ bytes }) => {
      try {
        for (const { key, size, fault } of parse(bytes).objects) {
          if (typeof key !== 'string' || !key.isWellFormed()) throw new RangeError('no key');
          if (!fault && !(Number.isSafeInteger(size) && size >= 0)) throw new RangeError('no size');
        }
      } catch (error) {
        errors++;
        if (!(error instanceof Error) || error instanceof RangeError || error instanceof URIError)
          throw error;
        if (error instanceof TypeError) throw error;
      }
    }),
    { numRuns: 5_000 },
  );
  t.ok(errors > 1_000, `${errors} were errors`);
});

t.test('a truncated page is an error', async (t) => {
  fc.assert(
    fc.property(pages, fc.nat(), ({ text, count }, at) => {
      const bytes = Buffer.from(text);
      const end = bytes.lastIndexOf('>');
      t.equal(parse(bytes).objects.length, count);
      let isRead = true;
      try {
        parse(bytes.subarray(0, at % end));
      } catch {
        isRead = false;
      }
      if (isRead) throw new Error('it was read');
    }),
    { numRuns: 1_000 },
  );
});

t.test('no object is lost by one modified byte or a repetition', async () => {
  fc.assert(
    fc.property(
      mutated.filter(({ mutate }) => mutate === flip || mutate === repeat),
      ({ bytes, count }) => {
        let found = count;
        try {
          found = parse(bytes).objects.length;
        } catch {
          return;
        }
        if (found < count) throw new Error(`${found} of ${count}`);
      },
    ),
    { numRuns: 10_000 },
  );
});

t.test('the fast path and the parser read the same', async (t) => {
  let both = 0;
  fc.assert(
    fc.property(mutated, ({ bytes }) => {
      const xml = bytes.toString();
      const scanned = scanListing(xml);
      if (!scanned) return;
      let parsed: ReturnType<typeof parseXml>;
      try {
        parsed = parseXml(xml);
      } catch {
        return;
      }
      both++;
      if (JSON.stringify(scanned) !== JSON.stringify(parsed)) t.same(scanned, parsed);
    }),
    { numRuns: 5_000 },
  );
  t.ok(both > 500, `${both} were read by both`);
});
