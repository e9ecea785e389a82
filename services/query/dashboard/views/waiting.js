import { html } from 'lit-html';

/** The page before the definition is read. @param {string | undefined} fault why it cannot be read */
export const waiting = (fault) => html`
  <header class="head">
    <h1><img src="/assets/landfall.svg" alt="" width="28" height="28">Landfall</h1>
  </header>
  <main><p class="none" role="status">${
    fault === undefined ? 'Reading the definition…' : `${fault} The page tries again every 2 seconds.`
  }</p></main>
`;
