import fc from 'fast-check';
import t from 'tap';
import { compareBytes } from './byte-order.ts';

const sign = (n: number) => Math.sign(n);

t.test('compareBytes orders by UTF-8 bytes', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      t.equal(sign(compareBytes(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

t.test('compareBytes differs from UTF-16 order', async (t) => {
  t.ok(compareBytes('\u{1f600}', '\ufffd') > 0, 'an emoji comes after U+FFFD');
  t.ok('\u{1f600}' < '\ufffd', 'which `<` does not know');
});
