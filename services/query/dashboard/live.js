/** @import { Status } from '../src/monitoring/health-status.ts' */
/** @import { Run } from '@landfall/contracts/messages/run' */

/** A generation that is served from now on. */
/** @typedef {{ generation: number, version: string, created_at: string, rows: number }} Served */

/**
 * @typedef {object} Listener
 * @property {() => void} onOpen at every connection: what was told in between is not known
 * @property {() => void} onLost
 * @property {(served: Served) => void} onDataset
 * @property {(run: Run) => void} onRun
 * @property {(status: Status) => void} onStatus
 */

/** A browser connects again by itself, unless what answered was an error; then it is done here, ms later. */
const AGAIN_MS = 2_000;

/**
 * Listens to what the service tells as it happens, for as long as the page is there.
 *
 * @param {Listener} listener
 */
export function listen(listener) {
  const events = new EventSource('/events');
  events.addEventListener('open', () => listener.onOpen());
  events.addEventListener('error', () => {
    listener.onLost();
    if (events.readyState === EventSource.CLOSED) setTimeout(() => listen(listener), AGAIN_MS);
  });
  events.addEventListener('dataset', ({ data }) => listener.onDataset(JSON.parse(data)));
  events.addEventListener('run', ({ data }) => listener.onRun(JSON.parse(data)));
  events.addEventListener('status', ({ data }) => listener.onStatus(JSON.parse(data)));
}
