/** @import { Run, RunReport } from '@landfall/contracts/messages/run' */

/** So many runs are shown. */
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
 * What is known of the runs, with the latest word on one of them; the newest first.
 *
 * @type {(runs: readonly Run[], told: Run) => Run[]}
 */
export function withRun(runs, told) {
  const known = runs.find(({ run_id }) => run_id === told.run_id);
  if (known && isReport(known)) return [...runs];
  const others = runs.filter(({ run_id }) => run_id !== told.run_id);
  return newestFirst([told, ...others]).slice(0, SHOWN);
}

/** What the service knows counts, but for what was told since. @type {(runs: readonly Run[]) => Run[]} */
export const newestFirst = (runs) =>
  [...runs].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at)).slice(0, SHOWN);

/** Whether a run held removals back, which a forced one applies. @type {(report: RunReport) => boolean} */
export const wantsForce = ({ held }) => (held ?? 0) > 0;

const PHASES = { list: 'Listing the bucket', fetch: 'Reading files', publish: 'Publishing' };

/** What a run that goes on does now. @type {(run: Exclude<Run, RunReport>) => string} */
export const phaseOf = ({ status, phase }) =>
  status === 'queued' ? 'Waiting for the run before it' : PHASES[phase];

const TRIGGERS = { start: 'Start', schedule: 'Schedule', request: 'Request', bucket: 'Files changed' };

/** @type {(run: Run) => string} */
export const triggerOf = ({ trigger }) => TRIGGERS[trigger];
