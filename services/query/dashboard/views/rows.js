/** @import { User } from '@landfall/contracts/dataset/users' */
/** @import { Actions } from '../main.js' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { day, number } from '../format.js';
import { ageInYears } from '../state/age.js';
import { countOf, rowsIn } from '../state/rows.js';
import { sortedBy } from '../state/view.js';
import { MAX_LISTED_ROWS, ROW_PX, rangeInView } from '../state/visible-rows.js';

/** The columns and the fields they sort by. A higher age is an earlier birth. */
const HEADINGS = /** @type {const} */ ([
  { label: 'User', column: 'user_id', kind: 'id', isReversed: false },
  { label: 'First name', column: 'first_name', kind: 'name', isReversed: false },
  { label: 'Last name', column: 'last_name', kind: 'name', isReversed: false },
  { label: 'Born', column: 'birthts', kind: 'born', isReversed: false },
  { label: 'Age', column: 'birthts', kind: 'age', isReversed: true },
]);

/**
 * The table of matching rows. Only rows in view are rendered.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function users(state, actions) {
  const { rows, scroll, isLoadingView, matching } = state;
  const count = countOf(rows);
  const range = rangeInView(scroll.top, scroll.height, count);
  const shown = rowsIn(rows, range).map((user, i) => ({ user, at: range.first + i }));
  return html`
    <div id="rows" class="rows" tabindex="0" role="region" aria-label="Users" aria-busy=${isLoadingView}
      @scroll=${(/** @type {Event & { currentTarget: HTMLElement }} */ event) => actions.scroll(event.currentTarget.scrollTop)}>
      <table aria-rowcount=${matching ? matching.count + 1 : -1}>
        <thead>
          <tr aria-rowindex="1"><th class="face" scope="col"><span class="unseen">Image</span></th>
          ${HEADINGS.map((each) => heading(each, state, actions))}</tr>
        </thead>
        <tbody>
          <tr class="space" aria-hidden="true" .style=${`block-size: ${range.first * ROW_PX}px`}></tr>
          ${repeat(
            shown,
            ({ user, at }) => user?.user_id ?? at,
            ({ user, at }) => row(user, at, state),
          )}
          <tr class="space" aria-hidden="true" .style=${`block-size: ${(count - range.end) * ROW_PX}px`}></tr>
        </tbody>
      </table>
    </div>
    <p class="foot">${foot(state, count, actions)}</p>
  `;
}

/** @type {(heading: typeof HEADINGS[number], state: State, actions: Actions) => unknown} */
function heading({ label, column, kind, isReversed }, { view: { sort } }, { choose }) {
  const isSorted = sort === column || sort === `-${column}`;
  const isDescending = sort.startsWith('-') !== isReversed;
  const order = isSorted ? (isDescending ? 'descending' : 'ascending') : 'none';
  // The first click on ages sorts the youngest first.
  const next = isSorted || !isReversed ? sortedBy(sort, column) : /** @type {const} */ (`-${column}`);
  return html`<th class=${kind} scope="col" aria-sort=${order}>
    <button type="button" @click=${() => choose({ sort: next })}>${label}<span class="order" aria-hidden="true"></span></button>
  </th>`;
}

/** @type {(user: User | undefined, at: number, state: State) => unknown} */
function row(user, at, { flashing, now, shownImages }) {
  if (!user) return html`<tr class="absent" aria-rowindex=${at + 2}><td colspan="6">…</td></tr>`;
  const { user_id, first_name, last_name, birthts } = user;
  return html`<tr class=${flashing.has(user_id) ? 'flash' : ''} aria-rowindex=${at + 2}>
    <td class="face">${face(user, shownImages?.has(user_id) ?? true)}</td>
    <td class="id" title=${user_id}>${user_id}</td>
    <td class="name" title=${first_name}>${first_name}</td>
    <td class="name" title=${last_name}>${last_name}</td>
    <td class="born">${day(birthts)}</td>
    <td class="age">${ageInYears(birthts, now)}</td>
  </tr>`;
}

/** The image, or the initials. @type {(user: User, isPictured: boolean) => unknown} */
function face({ user_id, first_name, last_name, img_path }, isPictured) {
  const initials = [first_name, last_name].map((name) => Array.from(name)[0] ?? '').join('');
  const src = `/data/${encodeURIComponent(user_id)}/image`;
  return html`<span class="portrait"><span aria-hidden="true">${initials}</span>${
    img_path !== null && isPictured
      ? html`<img src=${src} alt="" width="32" height="32" loading="lazy" decoding="async" @error=${hide}>`
      : ''
  }</span>`;
}

/** @param {Event} event */
function hide({ target }) {
  if (target instanceof HTMLElement) target.hidden = true;
}

/** @type {(state: State, count: number, actions: Actions) => unknown} */
function foot({ rows, loadError, generation, matching, isLoadingView }, count, { show }) {
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
  if (count === 0) return isLoadingView ? 'Reading…' : 'No user matches.';
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
