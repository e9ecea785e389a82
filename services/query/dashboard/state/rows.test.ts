import t from 'tap';
import type { Row } from '../fields/column.js';
import {
  countOf,
  firstRows,
  indexOf,
  missingPage,
  NO_ROWS,
  nextLimit,
  rowsIn,
  withLimit,
  withNextPage,
  withoutFarPages,
  withPageAgain,
} from './rows.js';

const users = (from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    user_id: String(from + i),
    first_name: 'A',
    last_name: 'B',
    birthts: 0,
    img_path: null,
  }));

/** Makes a number of pages of ten rows. */
function pages(count: number) {
  const page = (i: number) => ({ rows: users(i * 10, 10), next: `/data?cursor=${i + 1}`, generation: 3 });
  let rows = firstRows('/data?limit=10', page(0));
  for (let i = 1; i < count; i++) rows = withNextPage(rows, `/data?cursor=${i}`, page(i));
  return rows;
}

const idsIn = (rows: ReturnType<typeof pages>, first: number, end: number) =>
  rowsIn(rows, { first, end }).map((row) => row?.user_id);

t.test('rows are found across pages, and not beyond the last', async (t) => {
  const rows = pages(3);
  t.equal(countOf(rows), 30);
  t.equal(countOf(NO_ROWS), 0);
  t.same(idsIn(rows, 8, 12), ['8', '9', '10', '11']);
  t.same(idsIn(rows, 28, 99), ['28', '29']);
  t.same(idsIn(rows, 0, 0), []);
  t.equal(indexOf(rows, 'user_id', '17'), 17);
  t.equal(indexOf(rows, 'user_id', 'nobody'), undefined);
  t.equal(rows.next, '/data?cursor=3');
});

t.test('what is far away is let go, and read again where it is missed', async (t) => {
  const rows = withoutFarPages(pages(40), { first: 200, end: 210 });
  t.equal(countOf(rows), 400, 'it still takes its place');
  t.same(idsIn(rows, 0, 2), [undefined, undefined]);
  t.same(idsIn(rows, 205, 206), ['205']);
  t.equal(missingPage(rows, { first: 200, end: 210 }), undefined);
  const missing = missingPage(rows, { first: 8, end: 12 });
  t.match(missing, { from: 0, url: '/data?limit=10', rows: undefined });
  if (missing) t.same(idsIn(withPageAgain(rows, missing, users(0, 10)), 8, 11), ['8', '9', undefined]);
  t.equal(withoutFarPages(rows, { first: 200, end: 210 }), rows, 'nothing to let go is no change');
});

t.test('who scrolls on gets larger pages', async (t) => {
  t.equal(nextLimit(NO_ROWS), 100);
  t.equal(nextLimit(pages(30)), 300);
  t.equal(nextLimit(pages(400)), 2_000);
  t.equal(withLimit('/data?limit=100&cursor=x%2By', 200), '/data?limit=200&cursor=x%2By');
});
