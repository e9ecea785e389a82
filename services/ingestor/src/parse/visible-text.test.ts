import t from 'tap';
import { isBlank, shown } from './visible-text.ts';

t.test('isBlank: no visible character', async (t) => {
  for (const text of [
    '',
    ' ',
    '\t',
    '\u200b',
    '\u2060',
    '\u00ad',
    '\u3164',
    '\u0301',
    '\u0000',
    '\ufeff\u200e',
    '\u2800',
    '\u{e0020}',
  ])
    t.equal(isBlank(text), true, JSON.stringify(text));
  for (const text of ['x', '0', '~', 'e\u0301', '\u200bx', '髙', '😀', '-', '\u0903x', 'ـ'])
    t.equal(isBlank(text), false, JSON.stringify(text));
});

t.test('shown: escapes invisible characters', async (t) => {
  t.equal(shown('a b'), '"a b"');
  t.equal(shown('\u200b5'), '"<U+200B>5"');
  t.equal(shown('5\u200e\u00a0'), '"5<U+200E><U+00A0>"');
  t.equal(shown('\u{e0020}'), '"<U+E0020>"');
  t.equal(shown('a\nb\t"'), '"a\\nb\\t\\""');
  t.equal(shown('x'.repeat(50)), `"${'x'.repeat(40)}…"`);
  t.equal(shown(`${'x'.repeat(39)}😀😀`), `"${'x'.repeat(39)}\ufffd…"`, 'no half of a character');
});
