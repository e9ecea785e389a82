import path from 'node:path';
import type { RunReport } from '@landfall/contracts/messages/run';
import { openConditions } from './health/conditions.ts';
import type { Health } from './health/health-server.ts';
import { type Candidate, openCandidate } from './leader/candidate.ts';
import type { Role } from './leader/election.ts';
import type { IngestorDeps } from './leader/ingestor-deps.ts';
import { acquireStateLock } from './leader/state-lock.ts';
import { openRetryQueue } from './publish/retry-queue.ts';

/** A running ingestor: it leads, or waits until it can lead. */
export interface Ingestor {
  /** The report of the first run of its first leadership; pending until then. */
  firstRun: Promise<RunReport>;
  health: () => Health;
  /** Stops within 8 s. An active run has 4 s to end; an aborted run is repeated at the next start. */
  stop: () => Promise<void>;
}

/** How long a run may go on after `stop`, ms. */
const RUN_GRACE_MS = 4_000;
/** How long `stop` waits for the end of an aborted run, ms. */
const ABORT_MS = 1_000;

/**
 * Starts an ingestor. Of several ingestors of one processed bucket, and of several processes on one STATE_DIR, one leads. The
 * others publish, prune and announce nothing.
 *
 * @throws UnusableStateError when STATE_DIR cannot be used
 */
export function startIngestor(deps: IngestorDeps): Ingestor {
  const { bus, stateDir, clock, log } = deps;
  const conditions = openConditions(clock);
  const retryQueue = openRetryQueue(bus, log);
  const firstRun = Promise.withResolvers<RunReport>();
  let candidate: Candidate | undefined;
  const stateLock = acquireStateLock(stateDir, deps.stateLock, () => {
    candidate = openCandidate({ ...deps, conditions, retryQueue, onFirstRun: firstRun.resolve });
  });
  const locked = `another process uses STATE_DIR (${path.resolve(stateDir)}): this ingestor waits until it ends`;
  if (!candidate) {
    conditions.set('waiting', locked);
    log.warn(locked);
  }

  return {
    firstRun: firstRun.promise,
    health() {
      const role = candidate?.role() ?? { role: 'waiting', reason: locked, isFaulty: false };
      const ready = readiness(role, candidate?.lastReport(), bus.connected);
      return { role: role.role, reason: role.reason, ...ready, conditions: conditions.list() };
    },
    async stop() {
      await candidate?.stop(RUN_GRACE_MS, ABORT_MS);
      retryQueue.close();
      stateLock.release();
    },
  };
}

/** The answer of `/readyz`. A waiting ingestor is ready: it will lead when the leader stops. */
function readiness(
  { role, reason, isFaulty }: Role,
  lastReport: RunReport | undefined,
  isConnected: boolean,
): Pick<Health, 'ready' | 'readyReason'> {
  if (role === 'waiting') return { ready: !isFaulty, readyReason: reason };
  if (!isConnected) return { ready: false, readyReason: 'the event bus is away' };
  if (!lastReport) return { ready: false, readyReason: 'the first run goes on' };
  return {
    ready: lastReport.status === 'succeeded',
    readyReason: lastReport.error ?? 'the last run succeeded',
  };
}
