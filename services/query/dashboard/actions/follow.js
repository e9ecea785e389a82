/** @import { Served } from '../live.js' */
/** @import { Run } from '@landfall/contracts/messages/run' */
/** @import { Store } from '../store.js' */
/** @import { Look } from './look.js' */
import { readChanges, readRejects, readRun, readRuns } from '../api.js';
import { listen } from '../live.js';
import { inWords, withChanges } from '../state/changes.js';
import { isReport, newestFirst, withRun } from '../state/runs.js';

/** So many changes of a generation are looked at. */
const MOST_CHANGES = 200;
/** So many rejects are listed. */
const MOST_REJECTS = 100;
/** The style sheet's flash takes a little less, ms. */
const FLASH_MS = 2_500;

/**
 * Keeps the page up to date with what the service tells.
 *
 * @param {Store} store
 * @param {Look} look
 */
export function follow(store, look) {
  /** @type {(served: Served) => Promise<void>} */
  async function takeDataset({ generation }) {
    const since = store.get().generation;
    if (since === generation) return;
    store.set({ generation });
    const [changes] = await Promise.all([changesSince(since), look.again(), takeRejects(store)]);
    store.set({
      changes: withChanges(store.get().changes, changes, Date.now()),
      said: inWords(changes, changes.length === MOST_CHANGES),
    });
    flash(
      store,
      changes.map(({ user_id }) => user_id),
    );
  }

  /** @type {(run: Run) => void} */
  function takeRun(run) {
    const { runs, asked } = store.get();
    store.set({ runs: withRun(runs, run) });
    if (asked && asked.runId === run.run_id && isReport(run)) store.set({ asked: { ...asked, report: run } });
  }

  /** What was told while nothing was heard is asked for. */
  async function catchUp() {
    const { connection, asked, trouble } = store.get();
    store.set({ connection: 'open' });
    if (connection === 'lost' && trouble !== undefined) look.again();
    await Promise.all([takeRuns(store), takeRejects(store)]).catch(() => undefined);
    if (!asked?.runId || asked.report) return;
    await readRun(asked.runId).then(takeRun, () => {
      store.set({ asked: { ...asked, refusal: 'The service does not know any more how the run went.' } });
    });
  }

  listen({
    onOpen: catchUp,
    onLost: () => store.set({ connection: 'lost' }),
    onDataset: takeDataset,
    onRun: takeRun,
    onStatus: (status) => store.set({ status }),
  });
  return { takeRun };
}

/** Who has changed; nobody, when that can't be told. @param {number | undefined} since */
const changesSince = (since) =>
  since === undefined ? Promise.resolve([]) : readChanges(since, MOST_CHANGES).catch(() => []);

/** @param {Store} store */
async function takeRuns(store) {
  store.set({ runs: newestFirst(await readRuns()) });
}

/** @param {Store} store */
async function takeRejects(store) {
  const rejects = await readRejects(MOST_REJECTS).catch(() => undefined);
  if (rejects) store.set({ rejects });
}

/** @type {(store: Store, userIds: string[]) => void} */
function flash(store, userIds) {
  if (userIds.length === 0) return;
  store.set({ flashing: new Set([...store.get().flashing, ...userIds]) });
  const done = new Set(userIds);
  setTimeout(() => store.set({ flashing: store.get().flashing.difference(done) }), FLASH_MS);
}
