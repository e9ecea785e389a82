import t from 'tap';
import { parsePrefixRange } from './prefix-range.ts';

t.test('a pattern matches exactly, and with a star at its end every text with its prefix', async (t) => {
  for (const [text, pattern] of [
    [undefined, undefined],
    ['*', undefined],
    ['Ada', { equals: 'Ada' }],
    ['A*a', { equals: 'A*a' }],
    ['Ad*', { from: 'Ad', before: 'Ae' }],
    ['Ad**', { from: 'Ad*', before: 'Ad+' }],
    ['é*', { from: 'é', before: 'ê' }],
    ['\ud7ff*', { from: '\ud7ff', before: '\ue000' }],
    ['\uffff*', { from: '\uffff', before: '\u{10000}' }],
    ['A\u{10ffff}*', { from: 'A\u{10ffff}', before: 'B' }],
    ['\u{10ffff}*', { from: '\u{10ffff}', before: undefined }],
  ] as const) {
    t.same(parsePrefixRange(text), pattern, text ?? 'no parameter');
  }
});
