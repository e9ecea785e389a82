/** @import { Column, Row } from '../../fields/column.js' */
/** @import { Actions } from '../../main.js' */
/** @import { State } from '../../state/state.js' */
import { html } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { labelOf } from '../../fields/words.js';
import { number } from '../../format.js';
import { fitsPhone, shownColumns } from '../../state/columns.js';
import { countOf, rowsIn } from '../../state/rows.js';
import { sortedBy } from '../../state/view.js';
import { MAX_LISTED_ROWS, ROW_PX, rangeInView } from '../../state/visible-rows.js';
import { cell, portrait } from './cells.js';
import { columnMenu } from './column-menu.js';

/** Width of the column with the images, rem. */
const PORTRAIT_WIDTH = 3.25;

/**
 * The table of matching rows. Only rows in view are rendered.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function rows(state, actions) {
  const { rows, scroll, isLoadingView, matching, dataset, hidden, hasChosenColumns } = state;
  const count = countOf(rows);
  const range = rangeInView(scroll.top, scroll.height, count);
  const shown = rowsIn(rows, range).map((row, i) => ({ row, at: range.first + i }));
  const columns = shownColumns(dataset, hidden);
  const width = columns.reduce((sum, column) => sum + column.width, dataset.portrait ? PORTRAIT_WIDTH : 0);
  const fits = fitsPhone(dataset) && !hasChosenColumns;
  return html`
    <div id="rows" class=${fits ? 'rows fits' : 'rows'} tabindex="0" role="region" aria-label=${dataset.title} aria-busy=${isLoadingView}
      @scroll=${(/** @type {Event & { currentTarget: HTMLElement }} */ event) => actions.scroll(event.currentTarget.scrollTop)}>
      <table aria-rowcount=${matching ? matching.count + 1 : -1} .style=${`--least: ${width}rem`}>
        <thead>
          <tr aria-rowindex="1">
          ${dataset.portrait ? html`<th class="face" scope="col"><span class="unseen">${labelOf(dataset.portrait.name)}</span></th>` : ''}
          ${columns.map((column) => heading(column, state, actions))}</tr>
        </thead>
        <tbody>
          <tr class="space" aria-hidden="true" .style=${`block-size: ${range.first * ROW_PX}px`}></tr>
          ${repeat(
            shown,
            ({ row, at }) => row?.[dataset.key] ?? at,
            ({ row, at }) => tableRow(row, at, columns, state),
          )}
          <tr class="space" aria-hidden="true" .style=${`block-size: ${(count - range.end) * ROW_PX}px`}></tr>
        </tbody>
      </table>
    </div>
    <div class="foot"><p>${foot(state, count, actions)}</p>${columnMenu(state, actions)}</div>
  `;
}

/** @type {(column: Column, state: State, actions: Actions) => unknown} */
function heading(column, { view }, { sort }) {
  const { label, description, unit, kind, name, width, isReversed } = column;
  const isSorted = view.sort === column.sort || view.sort === `-${column.sort}`;
  const isDescending = view.sort.startsWith('-') !== isReversed;
  const order = isSorted ? (isDescending ? 'descending' : 'ascending') : 'none';
  const words = unit === undefined ? label : `${label} (${unit})`;
  const isFixed = kind !== 'text' && kind !== 'id';
  return html`<th class=${kind} scope="col" aria-sort=${order} data-column=${name} .style=${isFixed ? `--width: ${width}rem` : ''}>
    <button type="button" title=${description === undefined ? words : `${words}: ${description}`} @click=${() => sort(sortedBy(view.sort, column))}>${label}<span class="order" aria-hidden="true"></span></button>
  </th>`;
}

/** @type {(row: Row | undefined, at: number, columns: readonly Column[], state: State) => unknown} */
function tableRow(row, at, columns, { flashing, now, shownImages, dataset }) {
  const span = columns.length + (dataset.portrait ? 1 : 0);
  if (!row) return html`<tr class="absent" aria-rowindex=${at + 2}><td colspan=${span}>…</td></tr>`;
  const id = String(row[dataset.key]);
  const isPictured = shownImages?.has(id) ?? true;
  return html`<tr class=${flashing.has(id) ? 'flash' : ''} aria-rowindex=${at + 2}>
    ${dataset.portrait ? html`<td class="face">${portrait(row, dataset, dataset.portrait, isPictured)}</td>` : ''}
    ${columns.map((column) => cell(column, column.cell(row, now), isPictured, id))}
  </tr>`;
}

/** @type {(state: State, count: number, actions: Actions) => unknown} */
function foot({ rows, loadError, generation, all, matching, isLoadingView, dataset }, count, { show }) {
  if (loadError !== undefined)
    return html`${loadError} <button type="button" class="quiet" @click=${show}>Try again</button>`;
  if (
    rows.generation !== undefined &&
    generation !== undefined &&
    rows.generation < generation &&
    !isLoadingView
  ) {
    return html`These rows are of generation ${rows.generation}.
      <button type="button" class="quiet" @click=${show}>Show generation ${generation}</button>`;
  }
  if (count === 0 && isLoadingView) return 'Reading…';
  if (count === 0)
    return all?.count === 0 ? `There are no ${dataset.many} yet.` : `No ${dataset.one} matches.`;
  if (count >= MAX_LISTED_ROWS)
    return `The first ${number(count)} rows are listed. Add a filter, or read all of them from the API.`;
  if (rows.next === undefined) return `All ${number(count)} rows are listed.`;
  return `${number(count)} of ${number(matching?.count)} rows loaded. Scroll for more.`;
}

const table = () => document.getElementById('rows');

/** Visible height of the table, px. */
export const tableHeight = () => table()?.clientHeight ?? 0;

/** @param {number} top px */
export function moveTable(top) {
  const element = table();
  if (element) element.scrollTop = top;
}
