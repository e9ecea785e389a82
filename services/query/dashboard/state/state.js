/** @import { Status } from '../../src/monitoring/health-status.ts' */
/** @import { Stats } from '../../src/statistics/summary.ts' */
/** @import { Reject } from '@landfall/contracts/dataset/reject' */
/** @import { Run, RunReport } from '@landfall/contracts/messages/run' */
/** @import { AgeCounts } from './ages.js' */
/** @import { Seen } from './changes.js' */
/** @import { Connection } from './condition.js' */
/** @import { Rows } from './rows.js' */
/** @import { View } from './view.js' */
import { NO_ROWS } from './rows.js';
import { readView } from './view.js';

/**
 * A run that was asked for here: until its report is there, it goes on.
 *
 * @typedef {{ runId: string | undefined, report: RunReport | undefined, refusal: string | undefined }} AskedRun
 */

/**
 * All that the page shows.
 *
 * @typedef {object} State
 * @property {number} now the clock, ms since 1970 UTC
 * @property {View} view
 * @property {{ min: string, max: string }} typed the ages as they stand in their fields
 * @property {string[]} faults what of the page's address can't be meant
 * @property {{ from: number, to: number } | undefined} drawn the ages that are being dragged over
 * @property {number | undefined} pointedAge
 * @property {Connection} connection
 * @property {Status | undefined} status
 * @property {number | undefined} generation the one that is served
 * @property {Stats | undefined} all of everybody
 * @property {Stats | undefined} matching of those who match
 * @property {AgeCounts} ages of those who match, whatever their age
 * @property {Rows} rows
 * @property {boolean} isLooking whether what is shown is about to be replaced
 * @property {string | undefined} trouble why it could not be
 * @property {{ top: number, height: number }} scroll of the table, px
 * @property {ReadonlySet<string> | undefined} pictured while one scrolls: whose pictures are shown, which are not asked for
 *   of all who fly past; else undefined, and everybody's are
 * @property {number | undefined} moveTo where the table is to be scrolled to, px
 * @property {readonly Run[]} runs
 * @property {AskedRun | undefined} asked
 * @property {readonly Reject[]} rejects
 * @property {readonly Seen[]} changes
 * @property {ReadonlySet<string>} flashing users who have just changed
 * @property {string} said for whoever listens to the page
 * @property {'url' | 'curl' | undefined} copied
 */

/** @type {(search: string, now: number) => State} */
export function stateAtFirst(search, now) {
  const { view, faults } = readView(search);
  return {
    now,
    view,
    typed: typedAges(view),
    faults,
    drawn: undefined,
    pointedAge: undefined,
    connection: 'connecting',
    status: undefined,
    generation: undefined,
    all: undefined,
    matching: undefined,
    ages: [],
    rows: NO_ROWS,
    isLooking: true,
    trouble: undefined,
    scroll: { top: 0, height: 0 },
    pictured: undefined,
    moveTo: undefined,
    runs: [],
    asked: undefined,
    rejects: [],
    changes: [],
    flashing: new Set(),
    said: '',
    copied: undefined,
  };
}

/** The ages of a view as they stand in their fields. @type {(view: View) => State['typed']} */
export const typedAges = ({ minAge, maxAge }) => ({ min: String(minAge ?? ''), max: String(maxAge ?? '') });
