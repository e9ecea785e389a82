/** @import { Change } from '../api.js' */
/** @import { Dataset } from '../fields/dataset.js' */
/** @import { Served } from '../events.js' */
/** @import { Run } from '@landfall/contracts/messages/run' */
/** @import { Store } from '../store.js' */
/** @import { ViewLoader } from './load-view.js' */
import { readChanges, readRejects, readRun, readRuns } from '../api.js';
import { listen } from '../events.js';
import { describe, withChanges } from '../state/changes.js';
import { isReport, newestFirst, withRun } from '../state/runs.js';

/** Maximum number of changes to read per generation. */
const MAX_CHANGES = 200;
/** Maximum number of rejects to list. */
const MAX_REJECTS = 100;
/** Duration of highlighting, ms; slightly longer than the animation. */
const FLASH_MS = 2_500;

/**
 * Updates the page with the events of the service.
 *
 * @param {Store} store
 * @param {ViewLoader} viewLoader
 * @param {() => Promise<void>} checkDefinition reloads the page when the definition is another one
 */
export function follow(store, viewLoader, checkDefinition) {
  /** @type {(served: Served) => Promise<void>} */
  async function onDataset({ generation }) {
    const { generation: since, dataset } = store.get();
    if (since === generation) return;
    store.set({ generation });
    const [changes] = await Promise.all([
      changesSince(dataset, since),
      viewLoader.reload(),
      loadRejects(store),
    ]);
    store.set({
      changes: withChanges(store.get().changes, changes, Date.now()),
      announcement: describe(dataset.title, changes, changes.length === MAX_CHANGES),
    });
    flash(
      store,
      changes.map(({ id }) => id),
    );
  }

  /** @type {(run: Run) => void} */
  function applyRun(run) {
    const { runs, requestedRun } = store.get();
    store.set({ runs: withRun(runs, run) });
    if (requestedRun && requestedRun.runId === run.run_id && isReport(run))
      store.set({ requestedRun: { ...requestedRun, report: run } });
  }

  /** Reads what was missed while disconnected. */
  async function catchUp() {
    const { connection, requestedRun, loadError } = store.get();
    store.set({ connection: 'open' });
    // The service reads its definition at the start.
    if (connection === 'lost') await checkDefinition();
    if (connection === 'lost' && loadError !== undefined) viewLoader.reload();
    await Promise.all([loadRuns(store), loadRejects(store)]).catch(() => undefined);
    if (!requestedRun?.runId || requestedRun.report) return;
    await readRun(requestedRun.runId).then(applyRun, () => {
      store.set({ requestedRun: { ...requestedRun, refusal: 'The result of the run is unknown.' } });
    });
  }

  listen({
    onOpen: catchUp,
    onLost: () => store.set({ connection: 'lost' }),
    onDataset: onDataset,
    onRun: applyRun,
    onStatus: (status) => store.set({ status }),
  });
  return { applyRun };
}

/** Reads the changed rows; none when that fails. @type {(dataset: Dataset, since: number | undefined) => Promise<Change[]>} */
const changesSince = (dataset, since) =>
  since === undefined ? Promise.resolve([]) : readChanges(dataset, since, MAX_CHANGES).catch(() => []);

/** @param {Store} store */
async function loadRuns(store) {
  store.set({ runs: newestFirst(await readRuns()) });
}

/** @param {Store} store */
async function loadRejects(store) {
  const rejects = await readRejects(MAX_REJECTS).catch(() => undefined);
  if (rejects) store.set({ rejects });
}

/** @type {(store: Store, ids: string[]) => void} */
function flash(store, ids) {
  if (ids.length === 0) return;
  store.set({ flashing: new Set([...store.get().flashing, ...ids]) });
  const done = new Set(ids);
  setTimeout(() => store.set({ flashing: store.get().flashing.difference(done) }), FLASH_MS);
}
