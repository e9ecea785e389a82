import { randomBytes } from 'node:crypto';
import os from 'node:os';
import { withTimeout } from '@landfall/concurrency/with-timeout';
import { DATASET_UPDATED } from '@landfall/contracts/messages/events';
import type { RunReport } from '@landfall/contracts/messages/run';
import { openCatalogHolder } from '../catalog/catalog-holder.ts';
import type { Conditions } from '../health/conditions.ts';
import type { RetryQueue } from '../publish/retry-queue.ts';
import { openElection } from './election.ts';
import type { IngestorDeps } from './ingestor-deps.ts';
import { startLeadership } from './leadership.ts';
import { probeConditionalPut } from './probe-conditional-put.ts';

/** What an ingestor needs once it holds the lock on STATE_DIR. */
export interface CandidateDeps extends IngestorDeps {
  conditions: Conditions;
  retryQueue: RetryQueue;
  /** Called with the report of the first run of each leadership. */
  onFirstRun: (report: RunReport) => void;
}

export type Candidate = ReturnType<typeof openCandidate>;

/** Opens the catalog, competes for the lease, and leads while it holds it. */
export function openCandidate(deps: CandidateDeps) {
  const { store, bus, processedBucket, conditions, retryQueue, log } = deps;
  const catalogs = openCatalogHolder(deps);
  let lastReport: RunReport | undefined;
  const holder = `${os.hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const lease = bus.lease(`ingestor.${processedBucket}`, holder, () => election.evaluate());
  // Only the in-process bus grants a lease synchronously. Nobody else publishes then, so no fence is needed.
  const probe =
    lease.state.kind === 'held'
      ? undefined
      : probeConditionalPut(store, processedBucket, log, () => election.evaluate());
  const election = openElection({
    lease,
    conditions,
    hasConditionalPut: () => probe?.isSupported(),
    startLeadership: start,
    onRole({ role, reason }) {
      log.info({ role }, reason);
      // The new leader announces newer generations.
      if (role === 'waiting') retryQueue.discard(DATASET_UPDATED);
    },
  });
  election.evaluate();

  function start() {
    lastReport = undefined;
    const leadership = startLeadership({
      ...deps,
      catalogs,
      lease,
      onReport(report) {
        lastReport = report;
        if (report.status === 'succeeded') election.resetBackoff();
      },
      onLost: election.endLostLeadership,
    });
    leadership.firstRun.then(deps.onFirstRun);
    return leadership;
  }

  return {
    role: election.role,
    /** The report of the last run of this leadership. */
    lastReport: () => lastReport,

    /**
     * @param graceMs how long an active run may go on before it is aborted, ms
     * @param abortMs how long to wait for the end of an aborted run, ms
     */
    async stop(graceMs: number, abortMs: number): Promise<void> {
      probe?.stop();
      await withTimeout(graceMs + abortMs, election.stop(graceMs), () => undefined);
      await lease.release();
      await catalogs.close();
    },
  };
}
