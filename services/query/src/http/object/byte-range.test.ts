import fc from 'fast-check';
import t from 'tap';
import { parseRange, selectBytes } from './byte-range.ts';

t.test('one range of bytes is read, all else means all bytes', async (t) => {
  const all = Number.POSITIVE_INFINITY;
  for (const [header, expected] of [
    ['bytes=0-4', { first: 0, last: 4 }],
    ['bytes=7-', { first: 7, last: all }],
    ['bytes=-3', { suffix: 3 }],
    ['BYTES= 1-2\t', { first: 1, last: 2 }],
    ['bytes=0-99999999999999999999', { first: 0, last: 1e20 }],
    ['bytes=5-4', undefined],
    ['bytes=-', undefined],
    ['bytes=', undefined],
    ['bytes', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=0-1,', undefined],
    ['bytes=--1', undefined],
    ['bytes=a-b', undefined],
    ['bytes=0x1-2', undefined],
    ['bytes=1.5-2', undefined],
    ['bytes 0-4', undefined],
    ['rows=0-4', undefined],
    ['', undefined],
    [undefined, undefined],
  ] as const)
    t.same(parseRange(header), expected, String(header));
});

t.test('the selected bytes are those of a slice', async (t) => {
  const offset = fc.option(fc.nat({ max: 12 }), { nil: undefined });
  const range = fc
    .tuple(offset, offset)
    .filter(([first, last]) => first !== undefined || last !== undefined)
    .filter(([first, last]) => first === undefined || last === undefined || first <= last);
  fc.assert(
    fc.property(range, fc.nat({ max: 10 }), ([first, last], size) => {
      const parsed = parseRange(`bytes=${first ?? ''}-${last ?? ''}`);
      const content = Array.from({ length: size }, (_, i) => i);
      // `slice(-0)` is everything.
      const start = first ?? (last === 0 ? size : -(last ?? 0));
      const expected = content.slice(start, first === undefined || last === undefined ? undefined : last + 1);
      const selected = parsed && selectBytes(parsed, size);
      if (selected === 'all') t.same([size, expected], [0, []]);
      else if (selected === 'unsatisfiable') t.same(expected, []);
      else t.same(content.slice(selected?.first, (selected?.last ?? 0) + 1), expected);
    }),
  );
});
