import fc from 'fast-check';
import t from 'tap';
import { toNfc } from './nfc.ts';

t.test('toNfc equals normalize for arbitrary text', async (t) => {
  const unit = fc.oneof(
    fc.constantFrom('e', '\u0301', '\u00e9', '\u212b', '\u0958', '\u1100', '\u1161', 'A', '\u00c5', '\u0340'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = units.join('');
      t.equal(toNfc(text), text.normalize('NFC'));
    }),
    { numRuns: 2_000 },
  );
  for (let unit = 0; unit < 0x300; unit++) {
    const text = `e${String.fromCharCode(unit)}a`;
    t.equal(text.normalize('NFC'), text, `U+${unit.toString(16)}`);
  }
});
