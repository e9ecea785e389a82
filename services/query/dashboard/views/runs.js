/** @import { Run, RunReport } from '@landfall/contracts/messages/run' */
/** @import { Actions } from '../main.js' */
/** @import { State } from '../state/state.js' */
import { html, nothing } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { maySend } from '../api.js';
import { ago, countOfNoun, duration, instant, number } from '../format.js';
import { hasHeldRemovals, isReport, phaseOf, triggerOf } from '../state/runs.js';

/**
 * The current run, recent runs, and a button to start one.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function runs(state, actions) {
  const { requestedRun } = state;
  const going = state.runs.find((run) => !isReport(run));
  const isRequested = requestedRun !== undefined && !requestedRun.report && !requestedRun.refusal;
  const mayRun = maySend('run');
  const isOff = isRequested || !mayRun;
  return html`
    <section class="panel runs" aria-labelledby="runs">
      <div class="title">
        <h2 id="runs">Runs</h2>
        <button type="button" class="main" aria-disabled=${isOff} aria-describedby=${mayRun ? nothing : 'may-not-run'}
          @click=${() => isOff || actions.runNow(false)}>${isRequested ? 'Running…' : 'Run now'}</button>
      </div>
      ${mayRun ? '' : html`<p class="none" id="may-not-run">Your token may only read. A run needs the scope <code>run</code>.</p>`}
      <div class="live">
        ${going === undefined ? '' : goingOn(going)}
        <div class="outcome" role="status">${going === undefined ? outcome(state, actions) : ''}</div>
      </div>
      <table>
        <thead>
          <tr><th scope="col">Started by</th><th scope="col">Took</th><th scope="col">Files</th><th scope="col">${state.dataset.title}</th><th scope="col"><span class="unseen">When</span></th></tr>
        </thead>
        <tbody>${repeat(
          state.runs.filter(isReport),
          ({ run_id }) => run_id,
          (run) => row(run, state.now),
        )}</tbody>
      </table>
      ${state.runs.some(isReport) ? '' : html`<p class="none">No runs yet.</p>`}
    </section>
  `;
}

/** In the place of a button that would be refused. */
const NEEDS_FORCE = html`<p>To apply the removals, a token needs the scope <code>force</code>.</p>`;

/** @param {Run} run */
function goingOn(run) {
  if (isReport(run)) return '';
  const { done, total, rate, remaining_ms } = run;
  const pace = rate === null ? '' : ` · ${number(Math.round(rate))}/s`;
  const left = remaining_ms === null ? '' : ` · about ${duration(remaining_ms)} left`;
  const far =
    run.status === 'queued' ? '' : total === null ? number(done) : `${number(done)} of ${number(total)}`;
  return html`
    <p><b>${phaseOf(run)}</b><span>${far}${pace}${left}</span></p>
    ${
      total === null
        ? html`<progress aria-label="Progress of the run"></progress>`
        : html`<progress aria-label="Progress of the run" max=${Math.max(1, total)} .value=${done}></progress>`
    }
  `;
}

/** @type {(state: State, actions: Actions) => unknown} */
function outcome({ requestedRun, dataset }, { runNow }) {
  if (!requestedRun) return html`<p class="idle">No run in progress.</p>`;
  if (requestedRun.refusal) return html`<p class="bad">${requestedRun.refusal}</p>`;
  if (!requestedRun.report) return html`<p>Run requested…</p>`;
  const { report } = requestedRun;
  if (report.status === 'failed') return html`<p class="bad">The run failed: ${report.error}</p>`;
  const outcome = html`<p class="good">${whatCameOf(report)}</p>`;
  if (!hasHeldRemovals(report)) return outcome;
  return html`${outcome}
    <p class="bad">${countOfNoun(report.held ?? 0, dataset.one, dataset.many)} without a file, more than half of all rows: kept until you confirm.</p>
    ${maySend('force') ? html`<p><button type="button" class="danger" @click=${() => runNow(true)}>Apply the removals</button></p>` : NEEDS_FORCE}`;
}

/** @param {RunReport} report */
function whatCameOf({ published, generation, added, updated, removed, rejected, duration_ms, listed }) {
  const took = `${countOfNoun(listed, 'file')} in ${duration(duration_ms)}`;
  if (!published) return `Done: ${took}, no changes.`;
  const bad = rejected === 0 ? '' : `, ${countOfNoun(rejected, 'reject')}`;
  return `Done: ${took}. ${number(added)} added, ${number(updated)} updated, ${number(removed)} removed${bad}: generation ${generation}.`;
}

/** @type {(run: RunReport, now: number) => unknown} */
const row = (run, now) => html`
  <tr class=${run.status} title=${run.error ?? ''}>
    <th scope="row"><span class="lamp" aria-hidden="true"></span>${triggerOf(run)}</th>
    <td>${duration(run.duration_ms)}</td>
    <td title=${`${number(run.fetched)} of ${countOfNoun(run.listed, 'listed file')} read; unchanged files are not read again`}>${number(run.fetched)}<small>/${number(run.listed)}</small></td>
    <td class="delta">${run.status === 'failed' ? html`<em>failed</em>` : delta(run)}</td>
    <td><time datetime=${run.finished_at} title=${instant(run.finished_at)}>${ago(run.finished_at, now)}</time></td>
  </tr>
`;

/** @param {RunReport} report */
function delta({ added, updated, removed }) {
  if (added + updated + removed === 0) return html`<span class="same">no change</span>`;
  return [
    [added, '+', 'added'],
    [updated, '~', 'updated'],
    [removed, '−', 'removed'],
  ].map(([count, sign, what]) =>
    count === 0
      ? ''
      : html`<span class=${what} title=${what}>${sign}${number(Number(count))}<span class="unseen"> ${what} </span></span>`,
  );
}
