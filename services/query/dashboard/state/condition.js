/** @import { Status } from '../../src/monitoring/health-status.ts' */

/** @typedef {'connecting' | 'open' | 'lost'} Connection to the service */
/** @typedef {{ code: string, detail: string, since?: string, clears?: string }} Reason */
/** @typedef {{ level: 'green' | 'amber' | 'red' | 'unknown', words: string, reasons: Reason[] }} Condition */

const WORDS = /** @type {const} */ ({ green: 'All is well', amber: 'Degraded', red: 'Needs attention' });

/**
 * How well it goes, as far as this page can tell: when it hears nothing any more, that is the worst of it.
 *
 * @param {Status | undefined} status
 * @param {Connection} connection
 * @returns {Condition}
 */
export function conditionOf(status, connection) {
  if (connection === 'lost') {
    const detail =
      'This page has lost its connection to the service and keeps trying. What it shows is from before.';
    return { level: 'red', words: 'No connection', reasons: [{ code: 'no_connection', detail }] };
  }
  if (!status) return { level: 'unknown', words: 'Connecting', reasons: [] };
  return { level: status.level, words: WORDS[status.level], reasons: status.reasons };
}
