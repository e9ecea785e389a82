import fc from 'fast-check';
import t from 'tap';
import { list } from '../../object-store.contract.ts';
import { isObjectFault, StoreError } from '../../object-store.ts';
import { contents, LAST, page, scriptedS3 } from '../_scripted-s3.ts';

const DEADLINES = {
  connectMs: 200,
  answerMs: 200,
  pieceMs: 200,
  attemptMs: 300,
  callMs: 500,
  copyMs: 0,
  firstWaitMs: 0,
};

const body = fc.oneof(
  fc.constantFrom(
    '',
    '<html></html>',
    '<Error><Code>NoSuchKey</Code></Error>',
    '<Error><Code>InternalError</Code><Message><x/></Message></Error>',
    '<Error><Code>AuthorizationHeaderMalformed</Code><Region>a b\r\n</Region></Error>',
    '<Error>'.repeat(500),
    '<!DOCTYPE x [<!ENTITY a "aaaa">]><Error><Code>&a;</Code></Error>',
    '<CopyObjectResult/>',
    page(LAST + contents('a')),
    page(LAST + contents('&#xFFFFFFFF;')),
  ),
  fc.string(),
);
const header = fc.oneof(fc.constantFrom('', '"abc"', '7', '-1', 'NaN'), fc.stringMatching(/^[ -~]{0,20}$/));
type Garbage = typeof garbage extends fc.Arbitrary<infer T> ? T : never;
const garbage = fc.record({
  status: fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(200, 200, 204, 206, 304, 404, 500)),
  etag: fc.option(header),
  'last-modified': fc.option(header),
  date: fc.option(header),
  'content-length': fc.option(fc.constantFrom('right', 'right', '0', '3', '100000')),
  'content-encoding': fc.option(fc.constantFrom('gzip', 'identity')),
  body,
  ending: fc.constantFrom('end', 'end', 'destroy'),
});

t.test('for any answer of a server, the adapter returns a result or a StoreError', async (t) => {
  let given: Garbage | undefined;
  let failures = 0;
  const { store } = await scriptedS3(
    t,
    (_request, response) => {
      if (!given) return;
      const { status, body: content, ending, ...headers } = given;
      for (const [name, value] of Object.entries(headers)) {
        if (typeof value === 'string')
          response.setHeader(name, value === 'right' ? Buffer.byteLength(content) : value);
      }
      response.writeHead(status);
      response.write(content);
      setImmediate(() => (ending === 'end' ? response.end() : response.destroy()));
    },
    DEADLINES,
  );
  const content = Buffer.from('x');
  const calls: (() => Promise<unknown>)[] = [
    () => list(store, 'bucket'),
    () => store.read('bucket', 'a', 10),
    () => store.head('bucket', 'a'),
    async () => {
      const { body: stream } = await store.open('bucket', 'a');
      for await (const _ of stream);
    },
    () => store.put('bucket', 'a', content),
    () => store.put('bucket', 'a', content, { absent: true }),
    () => store.copy('bucket', 'a', 'b'),
    () => store.remove('bucket', 'a'),
    () => store.createBucket('bucket'),
    () => store.setAccess('bucket', 'public'),
    () => store.supportsConditions('bucket'),
    () =>
      store.readEach(
        'bucket',
        [{ key: 'a', size: 7, etag: 'abc' }],
        { maxBytes: 10, concurrency: 1 },
        (_, read) => {
          if (read instanceof StoreError && !isObjectFault(read))
            throw new Error(`no object fault: ${read.code}`);
        },
      ),
  ];
  const outcome = fc.asyncProperty(garbage, fc.nat({ max: calls.length - 1 }), async (answer, i) => {
    given = answer;
    try {
      await calls[i]?.();
    } catch (error) {
      failures++;
      if (!(error instanceof StoreError)) throw error;
      if (error.message.includes('[object Object]')) throw new Error(error.message);
    }
  });
  await fc.assert(outcome, { numRuns: 200 });
  t.ok(failures > 50, `${failures} failed`);
});
