/** @import { Run } from '@landfall/contracts/messages/run' */
/** @import { Store } from '../store.js' */
import { askForRun, readRun } from '../api.js';
import { inWords } from './look.js';

/**
 * Asks for a run; how it goes is told as of any run.
 *
 * @param {Store} store
 * @param {(run: Run) => void} takeRun
 */
export const makeRunNow =
  (store, takeRun) =>
  /** @param {boolean} force */
  async (force) => {
    store.set({ asked: { runId: undefined, report: undefined, refusal: undefined } });
    try {
      const runId = await askForRun(force);
      store.set({ asked: { runId, report: undefined, refusal: undefined } });
      // A quick one may be over already, and have been told of before its id was known here.
      takeRun(await readRun(runId));
    } catch (error) {
      const { asked } = store.get();
      if (!asked?.runId)
        store.set({ asked: { runId: undefined, report: undefined, refusal: inWords(error) } });
    }
  };
