/** @import { Store } from '../store.js' */

const SHOWN_MS = 2_000;

/**
 * Copies a text. Browsers allow this only over HTTPS or on localhost; elsewhere the text is selected.
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
    const announcement = wasCopied ? 'Copied.' : 'Selected: press Ctrl+C to copy.';
    store.set({ copied: what, announcement });
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
