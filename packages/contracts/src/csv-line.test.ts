import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import t from 'tap';
import { csvLine, NEEDS_QUOTES } from './csv-line.ts';

const field = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('"', ',', '\n', '\r', '\t', ' ', '\ufeff', '=', "'", ';', 'ü', '😀'))
    .map((parts) => parts.join('')),
);

t.test('a line is what csv-stringify writes', async (t) => {
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), (fields) => {
      t.equal(csvLine(fields), stringify([fields], { quoted_match: NEEDS_QUOTES }));
    }),
    { numRuns: 2_000 },
  );
});
