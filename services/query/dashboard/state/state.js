/** @import { Status } from '../../src/monitoring/health-status.ts' */
/** @import { Reject } from '@landfall/contracts/dataset/reject' */
/** @import { Run, RunReport } from '@landfall/contracts/messages/run' */
/** @import { Entry, Stats } from '../api.js' */
/** @import { Dataset } from '../fields/dataset.js' */
/** @import { Typed, Values } from '../fields/filter.js' */
/** @import { Seen } from './changes.js' */
/** @import { Hidden } from './columns.js' */
/** @import { Connection } from './health.js' */
/** @import { Rows } from './rows.js' */
/** @import { View } from './view.js' */
import { hiddenAtFirst } from './columns.js';
import { NO_ROWS } from './rows.js';
import { readView } from './view.js';

/**
 * A run that was requested on this page. It is in progress until its report arrives.
 *
 * @typedef {{ runId: string | undefined, report: RunReport | undefined, refusal: string | undefined }} RequestedRun
 */

/** The entries of a histogram, and the name of its measure. @typedef {{ measure: string | undefined, entries: readonly Entry[] }} Counted */

/**
 * The state of the page.
 *
 * @typedef {object} State
 * @property {number} now the clock, ms since 1970 UTC
 * @property {Dataset} dataset
 * @property {View} view
 * @property {Typed} typed the texts of the input fields
 * @property {string[]} faults invalid parts of the page's address
 * @property {{ from: number, to: number } | undefined} dragged the steps of the histogram selected by dragging
 * @property {number | undefined} pointed the step of the histogram under the pointer
 * @property {Connection} connection
 * @property {Status | undefined} status
 * @property {number | undefined} generation the served generation
 * @property {Stats | undefined} all of all rows
 * @property {Stats | undefined} matching of the rows that match
 * @property {Counted} histogram of the rows that match, except for the filter of its measure
 * @property {Rows} rows
 * @property {Hidden} hidden columns
 * @property {boolean} hasChosenColumns whether the columns were chosen on this page
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

/**
 * @param {Dataset} dataset
 * @param {string} search the query string of the page's address
 * @param {number} now
 * @param {Hidden | undefined} hidden the columns that were chosen before
 * @returns {State}
 */
export function initialState(dataset, search, now, hidden) {
  const { view, faults } = readView(dataset, search);
  return {
    now,
    dataset,
    view,
    typed: typedTexts(dataset, view.values),
    faults,
    dragged: undefined,
    pointed: undefined,
    connection: 'connecting',
    status: undefined,
    generation: undefined,
    all: undefined,
    matching: undefined,
    histogram: { measure: undefined, entries: [] },
    rows: NO_ROWS,
    hidden: hidden ?? hiddenAtFirst(dataset),
    hasChosenColumns: hidden !== undefined,
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

/** The texts of all input fields for the values of the filters. @type {(dataset: Dataset, values: Values) => Typed} */
export const typedTexts = ({ filters }, values) =>
  Object.assign({}, ...filters.map((filter) => ('write' in filter ? filter.write(values) : {})));

/** What is wrong with the typed texts. @type {(state: Pick<State, 'dataset' | 'typed'>) => string | undefined} */
export function typedFault({ dataset, typed }) {
  for (const filter of dataset.filters) {
    const parsed = 'parse' in filter ? filter.parse(typed) : {};
    if (typeof parsed === 'string') return parsed;
  }
  return undefined;
}

/** The entries of a measure; none while another one's are known. @type {(state: Pick<State, 'histogram'>, measure: { name: string }) => readonly Entry[]} */
export const entriesOf = ({ histogram }, { name }) => (histogram.measure === name ? histogram.entries : []);
