import t from 'tap';
import { readNamePattern } from './prefix-range.ts';

t.test('a name is meant exactly, or with a star at its end all that begin so', async (t) => {
  for (const [text, pattern] of [
    [undefined, undefined],
    ['*', undefined],
    ['Ada', { exactly: 'Ada' }],
    ['A*a', { exactly: 'A*a' }],
    ['Ad*', { from: 'Ad', before: 'Ae' }],
    ['Ad**', { from: 'Ad*', before: 'Ad+' }],
    ['é*', { from: 'é', before: 'ê' }],
    ['\ud7ff*', { from: '\ud7ff', before: '\ue000' }],
    ['\uffff*', { from: '\uffff', before: '\u{10000}' }],
    ['A\u{10ffff}*', { from: 'A\u{10ffff}', before: 'B' }],
    ['\u{10ffff}*', { from: '\u{10ffff}', before: undefined }],
  ] as const) {
    t.same(readNamePattern(text), pattern, text ?? 'nothing');
  }
});
