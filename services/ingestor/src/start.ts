import path from 'node:path';
import type { RunReport } from '@landfall/contracts/messages/run';
import { openConditions } from './health/conditions.ts';
import type { Health } from './health/health-server.ts';
import type { Role } from './leader/campaign.ts';
import { type Candidate, openCandidate } from './leader/candidate.ts';
import type { IngestorDeps } from './leader/ingestor-deps.ts';
import { holdStateDir } from './leader/state-lock.ts';
import { openRetryQueue } from './publish/retry-queue.ts';

/** An ingestor: it leads, or waits until it does. */
export interface Ingestor {
  /** The report of the first run of its first leadership; pending until it leads. */
  firstRun: Promise<RunReport>;
  health: () => Health;
  /**
   * Stops within 8 s, whatever the store and the bus do. A run that goes on has 4 s to finish; one that is cut off is done
   * again at the next start.
   */
  stop: () => Promise<void>;
}

/** How long a run may go on after `stop`, ms, and how long the end of one that was cut off is waited for. */
const RUN_GRACE_MS = 4_000;
const CUT_OFF_MS = 1_000;

/**
 * Starts an ingestor. Of several over one processed bucket one leads; the others publish, prune and announce nothing until
 * they lead. The same holds for several processes on one STATE_DIR.
 *
 * @throws UnusableStateError when STATE_DIR cannot be used
 */
export function startIngestor(deps: IngestorDeps): Ingestor {
  const { bus, stateDir, clock, log } = deps;
  const conditions = openConditions(clock);
  const retryQueue = openRetryQueue(bus, log);
  const firstRun = Promise.withResolvers<RunReport>();
  let candidate: Candidate | undefined;
  const stateLock = holdStateDir(stateDir, deps.stateLock, () => {
    candidate = openCandidate({ ...deps, conditions, retryQueue, onFirstRun: firstRun.resolve });
  });
  const inUse = `another process uses STATE_DIR (${path.resolve(stateDir)}): this ingestor waits until it ends`;
  if (!candidate) {
    conditions.set('waiting', inUse);
    log.warn(inUse);
  }

  return {
    firstRun: firstRun.promise,
    health() {
      const role = candidate?.role() ?? { role: 'waiting', reason: inUse, isFaulty: false };
      const ready = readiness(role, candidate?.lastReport(), bus.connected);
      return { role: role.role, reason: role.reason, ...ready, conditions: conditions.list() };
    },
    async stop() {
      await candidate?.stop(RUN_GRACE_MS, CUT_OFF_MS);
      retryQueue.close();
      stateLock.release();
    },
  };
}

/** What `/readyz` says. A waiting ingestor is ready: it is what it should be, and takes over by itself. */
function readiness(
  { role, reason, isFaulty }: Role,
  last: RunReport | undefined,
  isConnected: boolean,
): Pick<Health, 'ready' | 'readyReason'> {
  if (role === 'waiting') return { ready: !isFaulty, readyReason: reason };
  if (!isConnected) return { ready: false, readyReason: 'the event bus is away' };
  if (!last) return { ready: false, readyReason: 'the first run goes on' };
  return { ready: last.status === 'succeeded', readyReason: last.error ?? 'the last run succeeded' };
}
