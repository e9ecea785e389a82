/** @import { Actions } from '../../main.js' */
/** @import { State } from '../../state/state.js' */
import { html } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { shownColumns } from '../../state/columns.js';

/**
 * The menu that shows and hides columns. The key column always stays.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function columnMenu({ dataset, hidden }, { chooseColumn }) {
  const { columns } = dataset;
  const count = shownColumns(dataset, hidden).length;
  const summary = count === columns.length ? 'Columns' : `Columns: ${count} of ${columns.length}`;
  return html`<details class="menu up"><summary>${summary}</summary>
    <div class="list" role="group" aria-label="Columns">${columns
      .filter(({ kind }) => kind !== 'id')
      .map(
        ({ name, label }) => html`<label>
          <input type="checkbox" .checked=${live(!hidden.has(name))} @change=${() => chooseColumn(name)}><span>${label}</span>
        </label>`,
      )}</div></details>`;
}
