/** @import { Run } from '@landfall/contracts/messages/run' */
/** @import { Store } from '../store.js' */
import { readRun, requestRun } from '../api.js';
import { describe } from './load-view.js';

/**
 * Requests a run. Its progress arrives as events.
 *
 * @param {Store} store
 * @param {(run: Run) => void} applyRun
 */
export const makeRunNow =
  (store, applyRun) =>
  /** @param {boolean} force */
  async (force) => {
    store.set({ requestedRun: { runId: undefined, report: undefined, refusal: undefined } });
    try {
      const runId = await requestRun(force);
      store.set({ requestedRun: { runId, report: undefined, refusal: undefined } });
      // A short run may have ended before its id was known here.
      applyRun(await readRun(runId));
    } catch (error) {
      const { requestedRun } = store.get();
      if (!requestedRun?.runId)
        store.set({ requestedRun: { runId: undefined, report: undefined, refusal: describe(error) } });
    }
  };
