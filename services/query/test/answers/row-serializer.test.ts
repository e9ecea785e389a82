import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS, type User } from '@landfall/contracts/dataset/users';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import fc from 'fast-check';
import t from 'tap';
import { readFilter } from '../../src/http/request/read-filter.ts';
import { SCAN_LIMITS } from '../../src/search/scan-limits.ts';
import { parseSortOrder } from '../../src/search/sort-order.ts';
import { BY_USER_ID, textOf } from '../support/_serialized.ts';
import { makeTable } from '../support/_table.ts';

/** Text with characters that need escapes, quotes or several bytes. */
const mark = fc.constantFrom(
  ...['"', '\\', ',', '\n', '\r', '\t', '\b', '\f', '\0', '\x01', '\x1f', '\x7f', '/', '<', '%'],
  ...['\u0080', '\u2028', '\ufeff', '\ufffd', 'ü', '髙', '😀', '\u{10ffff}', '{', '}', "'", '%s', '\\u0041'],
);
const text = fc.oneof(
  fc.array(mark, { maxLength: 6 }).map((marks) => marks.join('')),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const user: fc.Arbitrary<User> = fc.record({
  user_id: text.filter((id) => id !== ''),
  first_name: text,
  last_name: text,
  birthts: fc.oneof(fc.constantFrom(0, -1, 8.64e15, -8.64e15), fc.integer()),
  img_path: fc.option(
    text.filter((path) => path !== ''),
    { nil: null },
  ),
});
const users = fc
  .uniqueArray(user, { selector: ({ user_id: id }) => id, minLength: 1, maxLength: 10 })
  .map((all) => all.toSorted((a, b) => compareBytes(a.user_id, b.user_id)));

t.test(
  'the SQL serializers write the bytes of JSON.stringify and rowCodec(USERS).formatRow, for any text',
  async (t) => {
    const table = makeTable(SCAN_LIMITS);
    t.teardown(table.close);
    let generation = 0;
    await fc.assert(
      fc.asyncProperty(users, async (users) => {
        const at = await table.load(++generation, users);
        table.prune(generation);
        // SQLite joins the rows in key order; in other orders they are joined in JavaScript.
        for (const order of [BY_USER_ID, parseSortOrder(USERS, 'birthts')]) {
          const query = { filter: readFilter(USERS, {}, 0), order, from: undefined };
          const expected = order === BY_USER_ID ? users : users.toSorted((a, b) => a.birthts - b.birthts);
          const read = async (format: 'json' | 'csv') =>
            textOf(await Array.fromAsync(table.dataSet.rows(at, query, format, Infinity)));
          t.equal(await read('json'), expected.map((each) => JSON.stringify(each)).join());
          t.equal(await read('csv'), expected.map(rowCodec(USERS).formatRow).join('').slice(0, -1));
        }
      }),
      { numRuns: 300 },
    );
  },
);
