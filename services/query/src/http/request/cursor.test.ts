import t from 'tap';
import { makeGeneration } from '../../../test/support/_generation.ts';
import { isGenerationOfCursor } from '../../dataset/short-version.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const { manifest } = makeGeneration(41, []);
const QUERY = '[["sort","birthts"]]';
const DAY = 20_605;

t.test('a cursor encodes a position and decodes to it', async (t) => {
  for (const from of ['1000', '漢字😀', '"\\', 'x'.repeat(1_000)]) {
    const text = encodeCursor(manifest, DAY, from, QUERY);
    t.match(text, /^[\w-]+$/, 'it needs no escaping');
    const cursor = decodeCursor(text, QUERY);
    t.match(cursor, { generation: 41, day: DAY, from });
    t.ok(cursor && isGenerationOfCursor(cursor, manifest));
    t.notOk(
      cursor && isGenerationOfCursor(cursor, { ...manifest, generation: 42 }),
      'it is of no other generation',
    );
    t.notOk(
      cursor && isGenerationOfCursor(cursor, { ...manifest, version: '0'.repeat(64) }),
      'nor of another version',
    );
  }
});

t.test('a text that is not a cursor is rejected', async (t) => {
  const good = encodeCursor(manifest, DAY, '1000', QUERY);
  t.equal(decodeCursor(good, '[]'), undefined, 'for another query');
  const parts: unknown[] = JSON.parse(Buffer.from(good, 'base64url').toString());
  const forged = (at: number, value: unknown) =>
    Buffer.from(JSON.stringify(parts.with(at, value))).toString('base64url');
  for (const [what, text] of [
    ['nothing', ''],
    ['no base64', '!!!'],
    ['no JSON', Buffer.from('hello').toString('base64url')],
    ['something else', Buffer.from('{"generation":41}').toString('base64url')],
    ['cut off', good.slice(0, -3)],
    ['another generation', forged(0, 42)],
    ['another version', forged(1, 'abc')],
    ['another day', forged(2, DAY + 1)],
    ['another user', forged(3, '1001')],
    ['another type', forged(3, 1000)],
    ['more of it', Buffer.from(JSON.stringify([...parts, 1])).toString('base64url')],
  ] as const) {
    t.equal(decodeCursor(text, QUERY), undefined, what);
  }
  for (let i = 0; i < good.length; i++) {
    const other = good[i] === 'A' ? 'B' : 'A';
    const text = good.slice(0, i) + other + good.slice(i + 1);
    t.equal(decodeCursor(text, QUERY), undefined, `with another character at ${i}`);
  }
});
