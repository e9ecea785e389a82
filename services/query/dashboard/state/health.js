/** @import { Status } from '../../src/monitoring/health-status.ts' */

/** @typedef {'connecting' | 'open' | 'lost'} Connection to the service */
/** @typedef {{ code: string, detail: string, since?: string, clears?: string }} Reason */
/** @typedef {{ level: 'green' | 'amber' | 'red' | 'unknown', words: string, reasons: Reason[] }} Condition */

const WORDS = /** @type {const} */ ({ green: 'Healthy', amber: 'Degraded', red: 'Needs attention' });

/**
 * The health of the service. A lost connection is the worst.
 *
 * @param {Status | undefined} status
 * @param {Connection} connection
 * @returns {Condition}
 */
export function healthOf(status, connection) {
  if (connection === 'lost') {
    const detail =
      'The connection to the service is lost. The page keeps trying; the data shown may be out of date.';
    return { level: 'red', words: 'No connection', reasons: [{ code: 'no_connection', detail }] };
  }
  if (!status) return { level: 'unknown', words: 'Connecting', reasons: [] };
  return { level: status.level, words: WORDS[status.level], reasons: status.reasons };
}
