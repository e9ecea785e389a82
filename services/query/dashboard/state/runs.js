/** @import { Run, RunReport } from '@landfall/contracts/messages/run' */

/** Maximum number of runs to show. */
const SHOWN = 6;

/**
 * Whether a run is over.
 *
 * @param {Run} run
 * @returns {run is RunReport}
 */
export function isReport(run) {
  return run.status === 'succeeded' || run.status === 'failed';
}

/**
 * Adds or replaces a run; the newest first. An answer may arrive after a later event: what is older than the known state is
 * ignored.
 *
 * @type {(runs: readonly Run[], told: Run) => Run[]}
 */
export function withRun(runs, told) {
  const known = runs.find(({ run_id }) => run_id === told.run_id);
  if (known && progressOf(told) < progressOf(known)) return [...runs];
  if (known && isReport(known)) return [...runs];
  const others = runs.filter(({ run_id }) => run_id !== told.run_id);
  return newestFirst([told, ...others]).slice(0, SHOWN);
}

/** How far a run is: its steps in order. */
const STEPS = /** @type {const} */ (['queued', 'list', 'fetch', 'publish', 'ended']);

/** @type {(run: Run) => number} */
function progressOf(run) {
  if (isReport(run)) return STEPS.indexOf('ended');
  return STEPS.indexOf(run.status === 'queued' ? 'queued' : run.phase);
}

/** Sorts runs, the newest first. @type {(runs: readonly Run[]) => Run[]} */
export const newestFirst = (runs) =>
  [...runs].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at)).slice(0, SHOWN);

/** Whether a run held removals back, which a forced run applies. @type {(report: RunReport) => boolean} */
export const hasHeldRemovals = ({ held }) => (held ?? 0) > 0;

const PHASES = { list: 'Listing the bucket', fetch: 'Reading files', publish: 'Publishing' };

/** The current phase of a run. @type {(run: Exclude<Run, RunReport>) => string} */
export const phaseOf = ({ status, phase }) =>
  status === 'queued' ? 'Waiting for the previous run' : PHASES[phase];

const TRIGGERS = { start: 'Start', schedule: 'Schedule', request: 'Request', bucket: 'Files changed' };

/** @type {(run: Run) => string} */
export const triggerOf = ({ trigger }) => TRIGGERS[trigger];
