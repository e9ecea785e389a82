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

/**
 * The image of a row: of people in a circle, over the initials; of all else whole, in a square.
 *
 * @type {(row: Row, dataset: Dataset, companion: Companion, isPictured: boolean) => unknown}
 */
export function portrait(row, dataset, { name, column }, isPictured) {
  const { key, isOfPeople } = dataset;
  const hasImage = row[column] !== null;
  const instead = isOfPeople ? initialsOf(row, dataset) : hasImage ? '' : UNKNOWN;
  return html`<span class=${isOfPeople ? 'portrait person' : 'portrait'}><span aria-hidden="true">${instead}</span>${
    hasImage && isPictured
      ? html`<img src=${fileAddress(String(row[key]), name)} alt="" width="32" height="32" loading="lazy" decoding="async" @error=${hide}>`
      : ''
  }</span>`;
}

/** @type {(row: Row, dataset: Dataset) => string} */
function initialsOf(row, { key, labelsOf }) {
  const labels = labelsOf(row);
  return (labels.length === 0 ? [String(row[key])] : labels)
    .slice(0, INITIALS)
    .map((label) => Array.from(label)[0] ?? '')
    .join('');
}

/** @param {Event} event */
function hide({ target }) {
  if (target instanceof HTMLElement) target.hidden = true;
}
