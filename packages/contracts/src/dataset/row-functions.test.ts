import fc from 'fast-check';
import t from 'tap';
import { columnNames, type Definition } from './definition.ts';
import type { Row } from './row.ts';
import { rowCodec } from './row-codec.ts';
import { generateRowFunctions } from './row-functions.ts';
import { USERS } from './users.ts';

/** One more column of each kind. */
const WIDE: Definition = {
  ...USERS,
  fields: [
    ...USERS.fields,
    { name: 'team', type: 'string' },
    { name: 'hired', type: 'timestamp', unit: 'ms' },
  ],
  companions: [...USERS.companions, { name: 'badge', files: '**/{user_id}.pdf', column: 'badge_path' }],
};

t.test('rows have exactly the columns of the definition', async (t) => {
  for (const definition of [USERS, WIDE]) {
    const columns = columnNames(definition);
    const { fromFields, toFields } = generateRowFunctions(definition);
    const fields = columns.map((_name, i) => String(i));
    const row = fromFields(fields, 0) ?? {};
    t.same(Object.keys(row), columns);
    t.same(toFields(row), fields);
    t.same(fromFields(['put', ...fields], 1), row, 'from the fields of a delta');
  }
});

t.test('rows of a wider definition round-trip through CSV', async (t) => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 });
  const path = fc.option(text, { nil: null });
  const row: fc.Arbitrary<Row> = fc.record({
    user_id: text,
    first_name: text,
    last_name: text,
    birthts: fc.integer(),
    team: text,
    hired: fc.integer(),
    img_path: path,
    badge_path: path,
  });
  const codec = rowCodec(WIDE);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
      for (const each of rows) {
        t.same(codec.parseRow(codec.formatRow(each)), each);
        t.ok(codec.isSameRow(each, { ...each }));
        for (const column of columnNames(WIDE).slice(1)) {
          t.notOk(codec.isSameRow(each, { ...each, [column]: 'other' }), column);
        }
      }
      const file = Buffer.from(codec.header + rows.map(codec.formatRow).join(''));
      t.same((await Array.fromAsync(codec.readOutput(oneChunk(file)))).flat(), rows);
    }),
    { numRuns: 50 },
  );
});

t.test('unsafe and repeated column names are errors', async (t) => {
  for (const name of ['__proto__', 'a"b', "a']; x['", 'Name', 'a b', '', 'a__b', 'first_name', 'img_path']) {
    const definition = { ...USERS, fields: [...USERS.fields, { name, type: 'string' }] } as const;
    t.throws(() => generateRowFunctions(definition), Error, JSON.stringify(name));
  }
});

async function* oneChunk(bytes: Uint8Array) {
  yield bytes;
}
