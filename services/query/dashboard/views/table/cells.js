/** @import { Companion } from '@landfall/contracts/dataset/definition' */
/** @import { Cell, Column, Row } from '../../fields/column.js' */
/** @import { Dataset } from '../../fields/dataset.js' */
import { html } from 'lit-html';
import { fileAddress } from '../../fields/file.js';
import { UNKNOWN } from '../../format.js';

/** Characters of the initials at most. */
const INITIALS = 2;

/**
 * A cell of the table: a value, a link to a file, or a picture.
 *
 * @type {(column: Column, cell: Cell, isPictured: boolean, id: string) => unknown}
 */
export function cell({ kind, label }, shown, isPictured, id) {
  if (!shown) return html`<td class=${kind}><span class="missing" title="missing">${UNKNOWN}</span></td>`;
  const { text, title = '', href } = shown;
  if (href === undefined) return html`<td class=${kind} title=${title}>${text}</td>`;
  const picture = html`<img src=${href} alt="" width="32" height="32" loading="lazy" decoding="async" @error=${hide}>`;
  return html`<td class=${kind}><a href=${href} target="_blank" rel="noopener" title=${title}
    aria-label=${kind === 'picture' ? `${label} of ${id}` : `${text}: ${label} of ${id}`}>${kind === 'picture' ? (isPictured ? picture : '') : text}</a></td>`;
}

/** The image of a row, or its initials. @type {(row: Row, dataset: Dataset, companion: Companion, isPictured: boolean) => unknown} */
export function portrait(row, { key, labelsOf }, { name, column }, isPictured) {
  const id = String(row[key]);
  const labels = labelsOf(row);
  const initials = (labels.length === 0 ? [id] : labels)
    .map((label) => Array.from(label)[0] ?? '')
    .slice(0, INITIALS);
  return html`<span class="portrait"><span aria-hidden="true">${initials.join('')}</span>${
    row[column] !== null && isPictured
      ? html`<img src=${fileAddress(id, name)} alt="" width="32" height="32" loading="lazy" decoding="async" @error=${hide}>`
      : ''
  }</span>`;
}

/** @param {Event} event */
function hide({ target }) {
  if (target instanceof HTMLElement) target.hidden = true;
}
