import { columnNames, type Definition } from '@landfall/contracts/dataset/definition';
import type { Row, Value } from '@landfall/contracts/dataset/row';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import fc from 'fast-check';
import t from 'tap';
import { readFilter } from '../../src/http/request/read-filter.ts';
import { parseSortOrder } from '../../src/search/sort-order.ts';
import { definitionAndRows, jsonOf } from '../support/_any-rows.ts';
import { openTable } from '../support/_any-table.ts';
import { type UserReject, usersNamed } from '../support/_generation.ts';
import { textOf } from '../support/_serialized.ts';
import { makeService, nextOf } from '../support/_service.ts';
import { SCAN_LIMIT_CASES } from '../support/_table.ts';

const STARTS = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/** Text that begins in every way that matters, with characters that need quotes and in both forms of é. */
const text = fc
  .tuple(
    fc.constantFrom('', ...STARTS, "'", '"', ',', ';', ' ', '1', 'é', 'é'.normalize('NFD')),
    fc.constantFrom(
      '',
      ...STARTS,
      '1+1',
      '"',
      ',',
      ';',
      ';=',
      ';"+',
      '\t@',
      '\r\n',
      "cmd|' /C calc'!A0",
      'é',
      '😀',
      '*',
      '[',
      ']',
    ),
    fc.constantFrom('', 'x', '"', '\n', '=1', '＋1'),
  )
  .map((parts) => parts.join(''))
  .filter((made) => made !== '');

/** Any definition and rows, with such texts as ids, values and paths. */
const sample = definitionAndRows.chain(({ definition, rows }) =>
  fc
    .record({
      ids: fc.uniqueArray(text, { minLength: rows.length, maxLength: rows.length }),
      texts: fc.array(text, { minLength: 1, maxLength: 20 }),
    })
    .map(({ ids, texts }) => ({ definition, rows: withTexts(definition, rows, ids, texts) })),
);

function withTexts(definition: Definition, rows: Row[], ids: string[], texts: string[]): Row[] {
  const [key = ''] = columnNames(definition);
  const names = [
    ...definition.fields.filter(({ type }) => type === 'string').map(({ name }) => name),
    ...definition.companions.map(({ column }) => column),
  ];
  let next = 0;
  return rows
    .map((row, i) => {
      const made: Record<string, Value> = { ...row, [key]: ids[i] ?? '' };
      for (const name of names) if (row[name] !== null) made[name] = texts[next++ % texts.length] ?? '';
      return made;
    })
    .toSorted((a, b) => compareBytes(String(a[key]), String(b[key])));
}

/** A row as a spreadsheet may read it, computed without the program. */
function naiveLine(definition: Definition, row: Row): string {
  const fields = new Map(definition.fields.map((field) => [field.name, field]));
  return columnNames(definition)
    .map((name) => {
      const [field, value] = [fields.get(name), row[name] ?? null];
      if (value === null) return '';
      if (typeof value === 'number') return field ? jsonOf(field, value) : '';
      let safe = STARTS.includes(value.charAt(0)) ? "'" : '';
      for (const [i, unit] of value.split('').entries()) {
        const isHidden =
          [';', '\t', '\r', '\n'].includes(value.charAt(i - 1)) && '"=+-@＝＋－＠'.includes(unit);
        safe += i > 0 && isHidden ? `'${unit}` : unit;
      }
      return ['"', ',', ';', '\t', '\r', '\n'].some((each) => safe.includes(each))
        ? `"${safe.split('"').join('""')}"`
        : safe;
    })
    .join(',');
}

t.test('rows of any definition are written for spreadsheets as by a naive implementation', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      sample,
      fc.constantFrom(...SCAN_LIMIT_CASES),
      fc.integer({ min: 1, max: 5 }),
      async ({ definition, rows }, scanLimits, limit) => {
        const table = await openTable(definition, rows, { scanLimits });
        try {
          const filter = readFilter(definition, {}, 0);
          const [key = ''] = columnNames(definition);
          // SQLite joins the rows in key order; in other orders they are joined in JavaScript.
          for (const sort of [key, `-${key}`]) {
            const order = parseSortOrder(definition, sort);
            const lines = rows.map((row) => naiveLine(definition, row));
            const expected = sort === key ? lines : lines.toReversed();
            const pages: string[] = [];
            let from: string | undefined;
            do {
              const query = { filter, order, from };
              const chunks = await Array.fromAsync(
                table.dataSet.rows(table.at, query, 'excel', from === undefined ? limit : Infinity),
              );
              pages.push(textOf(chunks));
              from = chunks.at(-1)?.next;
            } while (from !== undefined);
            t.equal(pages.filter((each) => each !== '').join('\n'), expected.join('\n'), sort);
          }
        } finally {
          await table.close();
        }
      },
    ),
    { numRuns: 12 },
  );
});

const USERS = usersNamed('', 2).map((user) => ({
  ...user,
  first_name: '=1+1',
  last_name: '-5',
  birthts: -5,
  img_path: null,
}));
const REJECTS: UserReject[] = ['=a.csv', 'b.csv'].map((key) => ({
  key,
  user_id: '@a',
  reason: 'malformed_csv',
  detail: '+two\nlines',
  since: '2026-06-01T00:00:00.000Z',
  kept_previous: false,
}));

t.test('excel=true is an answer of its own', async (t) => {
  const { ask, publish } = await makeService(t);
  const made = await publish(1, USERS, REJECTS);
  const [first, second] = USERS.map(({ user_id: id }) => `${id},'=1+1,'-5,-5,`);
  const header = '\ufeffuser_id,first_name,last_name,birthts,img_path\n';
  const rejected = (key: string) =>
    `${key},'@a,malformed_csv,"'+two\nlines",2026-06-01T00:00:00.000Z,false\n`;
  for (const [target, accept, expected] of [
    ['/data?format=csv&excel=true', '*/*', `${header}${first}\n${second}\n`],
    ['/data?excel=TRUE', 'text/csv', `${header}${first}\n${second}\n`],
    ['/data?format=csv&excel=true&first_name=none', '*/*', header],
    ['/data?format=csv&excel=false', '*/*', made.users],
    [
      '/rejects?format=csv&excel=true',
      '*/*',
      `\ufeffkey,user_id,reason,detail,since,kept_previous\n${rejected("'=a.csv")}${rejected('b.csv')}`,
    ],
  ] as const) {
    for (const round of ['first', 'cached']) {
      const answer = await ask(target, { accept });
      t.equal(answer.text, expected, `${round} ${target}`);
      t.match(answer, {
        status: 200,
        headers: { 'content-type': 'text/csv; charset=utf-8; header=present' },
      });
      const { etag = '' } = answer.headers;
      t.equal((await ask(target, { accept, 'if-none-match': etag })).status, 304);
      const plain = target.replace(/.excel=true/i, '');
      if (!/excel=false/.test(target)) {
        const other = plain.includes('?') ? plain : plain.replace('&', '?');
        t.equal((await ask(other, { accept, 'if-none-match': etag })).status, 200, 'another ETag');
      }
    }
  }
  const page = await ask('/data?format=csv&excel=true&limit=1');
  t.equal(page.text, `${header}${first}\n`);
  const next = nextOf(page) ?? '';
  t.equal((await ask(next)).text, `${header}${second}\n`, 'the next page has the same form');
  t.equal((await ask(next.replace('&excel=true', ''))).text.charAt(0), 'u', 'a cursor fits both forms');
});

t.test('excel=true without CSV is an error that names both', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, USERS, REJECTS);
  for (const [target, accept, format] of [
    ['/data?excel=true', '*/*', 'json'],
    ['/data?excel=true&format=json', 'text/csv', 'json'],
    ['/data?excel=true&format=ndjson', '*/*', 'ndjson'],
    ['/rejects?excel=true', '*/*', 'json'],
  ] as const) {
    t.match(await ask(target, { accept }), {
      status: 400,
      json: {
        code: 'bad_parameter',
        parameters: ['excel', 'format'],
        detail: `excel=true needs format=csv, but the format is ${format}`,
      },
    });
  }
  t.match(await ask('/data?format=csv&excel=yes'), { status: 400, json: { parameters: ['excel'] } });
  t.match(await ask('/changes?since=1&excel=true'), { status: 400, json: { parameters: ['excel'] } });
});
