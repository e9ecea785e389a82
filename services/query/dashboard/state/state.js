/** @import { Status } from '../../src/monitoring/health-status.ts' */
/** @import { Stats } from '../../src/statistics/summary.ts' */
/** @import { Reject } from '@landfall/contracts/dataset/reject' */
/** @import { Run, RunReport } from '@landfall/contracts/messages/run' */
/** @import { AgeCounts } from './ages.js' */
/** @import { Seen } from './changes.js' */
/** @import { Connection } from './health.js' */
/** @import { Rows } from './rows.js' */
/** @import { View } from './view.js' */
import { NO_ROWS } from './rows.js';
import { readView } from './view.js';

/**
 * A run that was requested on this page. It is in progress until its report arrives.
 *
 * @typedef {{ runId: string | undefined, report: RunReport | undefined, refusal: string | undefined }} RequestedRun
 */

/**
 * The state of the page.
 *
 * @typedef {object} State
 * @property {number} now the clock, ms since 1970 UTC
 * @property {View} view
 * @property {{ min: string, max: string }} typed the text of the age fields
 * @property {string[]} faults invalid parts of the page's address
 * @property {{ from: number, to: number } | undefined} dragged the ages selected by dragging
 * @property {number | undefined} pointedAge
 * @property {Connection} connection
 * @property {Status | undefined} status
 * @property {number | undefined} generation the served generation
 * @property {Stats | undefined} all of all rows
 * @property {Stats | undefined} matching of the rows that match
 * @property {AgeCounts} ages of the rows that match, except for the age filter
 * @property {Rows} rows
 * @property {boolean} isLoadingView whether new data is being loaded
 * @property {string | undefined} loadError why loading failed
 * @property {{ top: number, height: number }} scroll of the table, px
 * @property {ReadonlySet<string> | undefined} shownImages while scrolling: the ids whose images are shown; otherwise undefined, and all images are shown
 * @property {number | undefined} moveTo the position to scroll the table to, px
 * @property {readonly Run[]} runs
 * @property {RequestedRun | undefined} requestedRun
 * @property {readonly Reject[]} rejects
 * @property {readonly Seen[]} changes
 * @property {ReadonlySet<string>} flashing ids of rows that have just changed
 * @property {string} announcement text for screen readers
 * @property {'url' | 'curl' | undefined} copied
 */

/** @type {(search: string, now: number) => State} */
export function initialState(search, now) {
  const { view, faults } = readView(search);
  return {
    now,
    view,
    typed: typedAges(view),
    faults,
    dragged: undefined,
    pointedAge: undefined,
    connection: 'connecting',
    status: undefined,
    generation: undefined,
    all: undefined,
    matching: undefined,
    ages: [],
    rows: NO_ROWS,
    isLoadingView: true,
    loadError: undefined,
    scroll: { top: 0, height: 0 },
    shownImages: undefined,
    moveTo: undefined,
    runs: [],
    requestedRun: undefined,
    rejects: [],
    changes: [],
    flashing: new Set(),
    announcement: '',
    copied: undefined,
  };
}

/** The text of the age fields for a view. @type {(view: View) => State['typed']} */
export const typedAges = ({ minAge, maxAge }) => ({ min: String(minAge ?? ''), max: String(maxAge ?? '') });
