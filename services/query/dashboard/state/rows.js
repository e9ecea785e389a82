import { MAX_ROWS } from '@landfall/query/http/dashboard-limits';

/** @import { RowPage } from '../api.js' */
/** @import { Row } from '../fields/column.js' */

/**
 * One page of rows. Pages far from the view are dropped and can be read again at their address.
 *
 * @typedef {{ from: number, count: number, url: string, rows: Row[] | undefined }} Page
 */
/**
 * The rows that were read so far, from the first one, of one generation.
 *
 * @typedef {{ pages: readonly Page[], next: string | undefined, generation: number | undefined }} Rows
 */
/** @typedef {{ first: number, end: number }} Range from a row, up to but excluding another */

/** The maximum of the API's `limit`: the number of rows that one request can reload. */
export const MAX_LIMIT = MAX_ROWS;

const FIRST_LIMIT = 100;
const LARGEST_PAGE = 2_000;
/** Pages to keep on each side of the view. */
const KEPT_AROUND = 4;

/** @type {Rows} */
export const NO_ROWS = { pages: [], next: undefined, generation: undefined };

/** The number of rows that were read. @type {(rows: Rows) => number} */
export function countOf({ pages }) {
  const last = pages.at(-1);
  return last ? last.from + last.count : 0;
}

/** @type {(url: string, page: RowPage) => Rows} */
export const firstRows = (url, { rows, next, generation }) => ({
  pages: [{ from: 0, count: rows.length, url, rows }],
  next,
  generation,
});

/** @type {(rows: Rows, url: string, page: RowPage) => Rows} */
export function withNextPage(before, url, { rows, next }) {
  const page = { from: countOf(before), count: rows.length, url, rows };
  return { ...before, pages: [...before.pages, page], next };
}

/** Restores a dropped page. @type {(before: Rows, page: Page, rows: Row[]) => Rows} */
export const withPageAgain = (before, page, rows) => ({
  ...before,
  pages: before.pages.map((each) => (each.from === page.from ? { ...each, rows } : each)),
});

/** Drops the pages far from `seen`. @type {(rows: Rows, seen: Range) => Rows} */
export function withoutFarPages(rows, seen) {
  const isNear = nearTo(rows, seen);
  if (rows.pages.every((page, i) => !page.rows || isNear(i))) return rows;
  return { ...rows, pages: rows.pages.map((page, i) => (isNear(i) ? page : { ...page, rows: undefined })) };
}

/** @type {(rows: Rows, seen: Range) => (i: number) => boolean} */
function nearTo({ pages }, seen) {
  const first = pages.findIndex((page) => page.from + page.count > seen.first);
  const last = pages.findLastIndex((page) => page.from < seen.end);
  return (i) => i >= first - KEPT_AROUND && i <= last + KEPT_AROUND;
}

/** A dropped page that is in view. @type {(rows: Rows, seen: Range) => Page | undefined} */
export const missingPage = ({ pages }, seen) =>
  pages.find((page) => !page.rows && page.from < seen.end && page.from + page.count > seen.first);

/** The rows of a range; undefined where they are not loaded. @type {(rows: Rows, range: Range) => (Row | undefined)[]} */
export function rowsIn(rows, { first, end }) {
  const found = [];
  let i = rows.pages.findIndex((page) => page.from + page.count > first);
  for (let row = first; row < Math.min(end, countOf(rows)); row++) {
    let page = rows.pages[i];
    if (page && row >= page.from + page.count) page = rows.pages[++i];
    found.push(page?.rows?.[row - page.from]);
  }
  return found;
}

/** The index of a row among the loaded ones. @type {(rows: Rows, key: string, id: string) => number | undefined} */
export function indexOf({ pages }, key, id) {
  for (const { from, rows = [] } of pages) {
    const at = rows.findIndex((row) => row[key] === id);
    if (at !== -1) return from + at;
  }
  return undefined;
}

/**
 * The number of rows to read next: it grows while somebody scrolls.
 *
 * @type {(rows: Rows) => number}
 */
export const nextLimit = (rows) => Math.min(LARGEST_PAGE, Math.max(FIRST_LIMIT, countOf(rows)));

/** The address of the next page with another limit. @type {(next: string, limit: number) => string} */
export function withLimit(next, limit) {
  const [path = '', query] = next.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('limit', String(limit));
  return `${path}?${parameters}`;
}
