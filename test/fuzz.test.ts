import {
  type Manifest,
  parseManifest,
  rejectsSnapshotKey,
  snapshotKey,
} from '@landfall/contracts/dataset/manifest';
import { readRejects } from '@landfall/contracts/dataset/reject-codec';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import { parseBucketEvent } from '@landfall/contracts/messages/bucket-event';
import {
  parseDatasetUpdated,
  parseIngestorAlive,
  parseRun,
  parseRunRequest,
} from '@landfall/contracts/messages/events';
import { noCounts } from '@landfall/contracts/messages/run';
import { isFault } from '@landfall/ingestor/source/record';
import { parseListing } from '@landfall/object-store/s3/listing/parse-listing';
import fc from 'fast-check';
import t from 'tap';
import { Type } from 'typebox';
import { recordParser } from '../services/ingestor/src/parse/parse.ts';
import { sourceKeyParser } from '../services/ingestor/src/source/source-key.ts';
import { decodeCursor, encodeCursor } from '../services/query/src/http/request/cursor.ts';
import { filterParameters } from '../services/query/src/http/request/filter-parameters.ts';
import { compileQueryParser } from '../services/query/src/http/request/query-string.ts';
import { readFilter } from '../services/query/src/http/request/read-filter.ts';

/**
 * For arbitrary input from a store, a bus, a file or a client, each reader returns a value or throws its documented error. Inputs
 * are mutated valid ones, which reach deeper than random bytes.
 */
const RUNS = { numRuns: 400 };
const VERSION = 'ab'.repeat(32);

/** Mutates a text: removes, repeats or replaces pieces. */
const mutated = (text: string) =>
  fc
    .array(
      fc.tuple(
        fc.nat(text.length),
        fc.nat(12),
        fc.oneof(fc.constant(''), fc.string({ unit: 'binary' }), PIECES),
      ),
      {
        maxLength: 4,
      },
    )
    .map((edits) =>
      edits.reduce(
        (edited, [at, length, piece]) => edited.slice(0, at) + piece + edited.slice(at + length),
        text,
      ),
    );
const PIECES = fc.constantFrom(
  ...[
    '"',
    '""',
    ',',
    '\n',
    '\r\n',
    '\r',
    '\0',
    '\u200b',
    '\ufeff',
    '<',
    '>',
    '</',
    '&',
    '&#x0;',
    '&#xFFFFFFFF;',
    '%',
    '%FF',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    'null',
    '1e999',
    '-0',
    '9007199254740993',
    '__proto__',
    '\\u0000',
    '\ud800',
    '../',
    '/',
    '.csv',
  ],
);

/** Asserts that `read` returns, or throws an error of that name. */
function endsWell<T>(read: (input: T) => unknown, name: string): (input: T) => boolean {
  return (input) => {
    try {
      read(input);
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === name) return true;
      throw error;
    }
  };
}

t.test('record bytes give values of the record or a fault', async (t) => {
  const good = 'first_name, last_name, birthts\nAda, Lovelace, -4861728000000\n';
  const texts = fc.oneof(mutated(good), fc.string({ unit: 'binary' }));
  const bytes = fc.oneof(
    texts.map((text) => Buffer.from(text)),
    texts.map((text) => Buffer.from(text, 'utf16le')),
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const reading = recordParser(USERS).parse(input);
      if (isFault(reading)) return reading.detail.length > 0;
      const text = input.toString();
      const { first_name, last_name, birthts } = reading;
      if (typeof first_name !== 'string' || typeof last_name !== 'string') return false;
      const digits = String(Math.abs(Number(birthts)));
      return (
        Number.isSafeInteger(birthts) &&
        text.includes(digits) &&
        first_name.trim() === first_name &&
        first_name !== '' &&
        last_name !== '' &&
        !`${first_name}${last_name}`.includes('\0')
      );
    }),
    { numRuns: 3_000 },
  );
  t.pass('for 3,000 inputs');
});

t.test('any key is a record, a companion, or something else', async (t) => {
  const keys = fc.oneof(fc.string({ unit: 'binary' }), mutated('folder/1000.csv'), mutated('a/.b/1000.PNG'));
  fc.assert(
    fc.property(keys, (key) => {
      const source = sourceKeyParser(USERS)(key);
      return source.kind === 'other' || source.id.length > 0;
    }),
    RUNS,
  );
  t.pass();
});

t.test('a listing is read completely or fails', async (t) => {
  const entry = (key: string) =>
    `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;${'a'.repeat(32)}&quot;</ETag><Size>5</Size></Contents>`;
  const page = `<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>3</KeyCount><IsTruncated>false</IsTruncated>${['1.csv', 'a%20b.csv', 'z.png'].map(entry).join('')}</ListBucketResult>`;
  const read = (text: string) => parseListing(Buffer.from(text), { headers: {}, elapsed: 0 });
  fc.assert(fc.property(mutated(page), endsWell(read, 'Error')), RUNS);
  fc.assert(
    fc.property(fc.nat(page.length - 1), (end) => {
      try {
        read(page.slice(0, end));
        return false;
      } catch {
        return true;
      }
    }),
    RUNS,
  );
  t.pass();
});

t.test('a bus message is parsed or a MessageError', async (t) => {
  const event = { Key: 'b/1.csv', Records: [{ s3: { bucket: { name: 'b' }, object: { key: '1.csv' } } }] };
  const run = {
    ...{
      run_id: 'x',
      trigger: 'start',
      started_at: '2026-01-02T03:04:05.678Z',
      status: 'failed',
      ...noCounts(),
    },
    ...{ published: false, generation: null, version: null, error: 'x', duration_ms: 1 },
    finished_at: '2026-01-02T03:04:05.678Z',
  };
  const readers: [unknown, (message: unknown) => unknown][] = [
    [event, (message) => parseBucketEvent(message, 'b')],
    [run, parseRun],
    [{ force: true }, parseRunRequest],
    [{ alive: true, conditions: [] }, parseIngestorAlive],
    [{ specversion: '1.0', data: {} }, parseDatasetUpdated],
  ];
  for (const [good, read] of readers) {
    const texts = fc.oneof(mutated(JSON.stringify(good)), fc.json());
    const check = endsWell(read, 'MessageError');
    fc.assert(
      fc.property(texts, (text) => {
        let message: unknown;
        try {
          message = JSON.parse(text);
        } catch {
          return true; // The adapters of the bus drop it.
        }
        return check(message);
      }),
      RUNS,
    );
  }
  t.pass();
});

t.test('a manifest is parsed or a ManifestError', async (t) => {
  const object = (key: string) => ({ key, size: 10, etag: 'e', rows: 1, sha256: VERSION });
  const manifest: Manifest = {
    generation: 7,
    version: VERSION,
    created_at: '2026-01-02T03:04:05.678Z',
    rows: 1,
    snapshot: object(snapshotKey(7, VERSION)),
    output: object('output.csv'),
    rejects_snapshot: object(rejectsSnapshotKey(7, VERSION)),
    rejects: object('rejects.csv'),
  };
  const texts = fc.oneof(mutated(JSON.stringify(manifest)), fc.json(), fc.string({ unit: 'binary' }));
  const read = endsWell((text: string) => parseManifest(Buffer.from(text)), 'ManifestError');
  fc.assert(fc.property(texts, read), RUNS);
  fc.assert(fc.property(fc.uint8Array(), endsWell(parseManifest, 'ManifestError')), RUNS);
  t.pass();
});

t.test('snapshots, deltas and rejects are read or a DataSetFormatError', async (t) => {
  const files: [string, (text: AsyncIterable<Uint8Array>) => AsyncIterable<unknown>][] = [
    [
      'user_id,first_name,last_name,birthts,img_path\n1,A,B,5,\n"2,""x""",C,D,-6,b/2.png\n',
      rowCodec(USERS).readOutput,
    ],
    [
      'change,user_id,first_name,last_name,birthts,img_path\nput,1,A,B,5,\nremove,2,,,,\n',
      rowCodec(USERS).readDelta,
    ],
    [
      'key,user_id,reason,detail,since,kept_previous\n1.csv,1,empty,nothing,2026-01-02T03:04:05.678Z,false\n',
      (bytes: AsyncIterable<Uint8Array>) => readRejects(USERS, bytes),
    ],
  ];
  for (const [good, read] of files) {
    await fc.assert(
      fc.asyncProperty(mutated(good), fc.integer({ min: 1, max: 20 }), async (text, size) => {
        try {
          for await (const _ of read(inPieces(Buffer.from(text), size)));
          return true;
        } catch (error) {
          if (error instanceof Error && error.name === 'DataSetFormatError') return true;
          throw error;
        }
      }),
      RUNS,
    );
  }
  t.pass();
});

async function* inPieces(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

t.test('only issued cursors are accepted', async (t) => {
  const at = { generation: 7, version: VERSION } as Manifest;
  const given = encodeCursor(at, 20_000, 'jos\u00e9', 'question');
  fc.assert(
    fc.property(fc.oneof(mutated(given), fc.string({ unit: 'binary' })), (text) => {
      const cursor = decodeCursor(text, 'question');
      return cursor === undefined || cursor.from === 'jos\u00e9';
    }),
    RUNS,
  );
  t.equal(decodeCursor(given, 'another question'), undefined);
});

t.test('a query string is parsed or an ApiError of bounded size', async (t) => {
  const read = compileQueryParser(Type.Object(filterParameters(USERS), { additionalProperties: false }));
  const names = fc.oneof(
    fc.constantFrom(...Object.keys(filterParameters(USERS))),
    fc.string({ unit: 'binary' }),
    PIECES,
  );
  const values = fc.oneof(
    fc.constantFrom('true', '30', '2000-02-29', 'Wh*', '*', '', '1e1', ' 5', '-0', '99999999999999999999'),
    fc.string({ unit: 'binary', maxLength: 3_000 }),
  );
  const texts = fc.dictionary(names, fc.oneof(values, fc.array(values, { maxLength: 4 })), { maxKeys: 200 });
  fc.assert(
    fc.property(texts, (input) => {
      try {
        readFilter(USERS, read(input), Date.UTC(2026, 0, 1));
        return true;
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ApiError') throw error;
        return JSON.stringify(error).length + error.message.length < 20_000;
      }
    }),
    RUNS,
  );
  t.pass();
});
