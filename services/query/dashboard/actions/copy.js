/** @import { Store } from '../store.js' */

const SHOWN_MS = 2_000;

/**
 * Copies a text. Browsers let a page do that only over HTTPS or on one's own machine; elsewhere it is selected, ready
 * to be copied by hand.
 *
 * @param {Store} store
 */
export const makeCopy =
  (store) =>
  /** @type {(what: 'url' | 'curl', text: string) => Promise<void>} */
  async (what, text) => {
    const wasCopied = await copied(text);
    if (!wasCopied) {
      const shown = document.getElementById(`call-${what}`);
      if (shown) getSelection()?.selectAllChildren(shown);
    }
    const said = wasCopied ? 'Copied.' : 'Selected: press Control C to copy.';
    store.set({ copied: what, said });
    setTimeout(() => store.set({ copied: undefined }), SHOWN_MS);
  };

/** @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
