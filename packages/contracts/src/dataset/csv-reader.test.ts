import { isDeepStrictEqual } from 'node:util';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import t from 'tap';
import { splitRow } from '../text/csv-rows.ts';
import { readRows } from './csv-reader.ts';
import type { Definition } from './definition.ts';
import { rowCodec } from './row-codec.ts';

const MAX_BYTES = 1 << 20;

/** Texts near to what this project writes: every mark that means something may be anywhere. */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'Zoë', '髙', '😀', '5', ' ', '\t', '\r', '\ufeff', '\\') },
  { weight: 3, arbitrary: fc.constantFrom(',', '\n', '"', '""', '",', ',"', '"\n', '\n"') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3 }) },
);
const text = fc.array(piece, { maxLength: 20 }).map((pieces) => `${pieces.join('')}\n`);
const size = fc.integer({ min: 1, max: 9 });

/** As csv-parse reads it, undefined when it refuses. */
function parsed(text: string): string[][] | undefined {
  try {
    return parse(text, { record_delimiter: '\n', relax_column_count: true });
  } catch {
    return undefined;
  }
}

async function read(text: string, size: number): Promise<string[][] | undefined> {
  try {
    return (await Array.fromAsync(readRows(pieces(Buffer.from(text), size), MAX_BYTES))).flat();
  } catch {
    return undefined;
  }
}

async function* pieces(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

t.test('the CSV reader and csv-parse accept and read the same', async (t) => {
  const seen = { read: 0, refused: 0, quoted: 0 };
  await fc.assert(
    fc.asyncProperty(text, size, async (text, size) => {
      const rows = await read(text, size);
      t.same(rows, parsed(text));
      if (rows === undefined) seen.refused++;
      else if (text.includes('"')) seen.quoted++;
      else seen.read++;
    }),
    { numRuns: 5_000 },
  );
  for (const [what, count] of Object.entries(seen)) t.ok(count > 200, `${what}: ${count}`);
});

t.test('an unterminated quote fails before the end of a long file', async (t) => {
  let given = 0;
  async function* endless() {
    yield Buffer.from('1,"a\n');
    for (;;) {
      given++;
      yield Buffer.from(`${'x'.repeat(100_000)}\n`);
    }
  }
  await t.rejects(Array.fromAsync(readRows(endless(), MAX_BYTES)), {
    message: 'record 0: a quote does not end',
  });
  t.ok(given < 20, `${given} pieces were read`);
});

t.test('splitRow accepts exactly one row', async (t) => {
  t.same(splitRow('1,"a\n""b",c\n'), ['1', 'a\n"b', 'c']);
  for (const line of ['', '1,a', '1,a\n2,b\n', '1,"a\n', '1,a\n2']) {
    t.throws(() => splitRow(line), { name: 'DataSetFormatError' }, JSON.stringify(line));
  }
});

t.test('the rows of long records can be read again', async (t) => {
  const max_bytes = 2 ** 20;
  const definition: Definition = {
    name: 'notes',
    one: 'note',
    records: '**/{id}.json',
    max_bytes,
    fields: [
      { name: 'text', type: 'string' },
      { name: 'copy', type: 'string', from: '/text' },
    ],
    companions: [],
    derived: [],
    statistics: [],
  };
  const { header, formatRow, readOutput } = rowCodec(definition);
  const lines = 'many\nlines, and more of them'.repeat(max_bytes / 26);
  const quotes = `\n${'"'.repeat(max_bytes / 2)}`;
  // In NFC it has three times as many bytes.
  const marks = `\n${'\u{1d160}'.repeat(max_bytes / 4 - 1)}`.normalize('NFC');
  for (const [name, text] of Object.entries({ lines, quotes, marks })) {
    const rows = [
      { id: '1', text, copy: text },
      { id: '2', text: '', copy: '' },
    ];
    const file = Buffer.from(header + rows.map(formatRow).join(''));
    const read = (await Array.fromAsync(readOutput(pieces(file, 65_536)))).flat();
    t.ok(isDeepStrictEqual(read, rows), name);
  }
});

t.test('a value of any number of quotes is read', async (t) => {
  const quotes = 4 * 2 ** 20;
  const [value = ''] = splitRow(`"${'""'.repeat(quotes)}"\n`);
  t.equal(value.length, quotes);
});
