/** @import { Status } from '../src/monitoring/health-status.ts' */
/** @import { Run } from '@landfall/contracts/messages/run' */

import { checkSession } from './api.js';

/** The generation that is served. */
/** @typedef {{ generation: number, version: string, created_at: string, rows: number }} Served */

/**
 * @typedef {object} Listener
 * @property {() => void} onOpen at every connection: events in between were missed
 * @property {() => void} onLost
 * @property {(served: Served) => void} onDataset
 * @property {(run: Run) => void} onRun
 * @property {(status: Status) => void} onStatus
 */

/** Delay of reconnecting after an error answer, ms. After other failures the browser reconnects itself. */
const AGAIN_MS = 2_000;

/**
 * Subscribes to the events of the service while the page is open.
 *
 * @param {Listener} listener
 */
export function listen(listener) {
  const events = new EventSource('/events');
  events.addEventListener('open', () => listener.onOpen());
  events.addEventListener('error', () => {
    listener.onLost();
    if (events.readyState !== EventSource.CLOSED) return;
    checkSession();
    setTimeout(() => listen(listener), AGAIN_MS);
  });
  events.addEventListener('dataset', ({ data }) => listener.onDataset(JSON.parse(data)));
  events.addEventListener('run', ({ data }) => listener.onRun(JSON.parse(data)));
  events.addEventListener('status', ({ data }) => listener.onStatus(JSON.parse(data)));
}
