import { randomBytes } from 'node:crypto';
import os from 'node:os';
import { USERS } from '@landfall/contracts/dataset/users';
import { DATASET_UPDATED } from '@landfall/contracts/messages/events';
import type { RunReport } from '@landfall/contracts/messages/run';
import { openCatalogHolder } from '../catalog/catalog-holder.ts';
import type { Conditions } from '../health/conditions.ts';
import type { RetryQueue } from '../publish/retry-queue.ts';
import { openCampaign } from './campaign.ts';
import type { IngestorDeps } from './ingestor-deps.ts';
import { lead } from './lead.ts';
import { probeFence } from './probe-conditional-put.ts';

/** What an ingestor needs once STATE_DIR is its own. */
export interface CandidateDeps extends IngestorDeps {
  conditions: Conditions;
  retryQueue: RetryQueue;
  /** Called with the report of the first run of the first leadership. */
  onFirstRun: (report: RunReport) => void;
}

export type Candidate = ReturnType<typeof openCandidate>;

/** An ingestor that has its STATE_DIR: opens the catalog, competes for the lease, and leads while it may. */
export function openCandidate(deps: CandidateDeps) {
  const { store, bus, processedBucket, conditions, retryQueue, log } = deps;
  const catalogs = openCatalogHolder({ ...deps, definition: deps.definition ?? USERS });
  let last: RunReport | undefined;
  const holder = `${os.hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const lease = bus.lease(`ingestor.${processedBucket}`, holder, () => campaign.evaluate());
  // A bus that grants it at once is of this process: no other publishes.
  const fence =
    lease.state.kind === 'held'
      ? undefined
      : probeFence(store, processedBucket, log, () => campaign.evaluate());
  const campaign = openCampaign({
    lease,
    conditions,
    isFenced: () => fence?.isFenced(),
    begin,
    onRole({ role, reason }) {
      log.info({ role }, reason);
      // Another one announces what is newer.
      if (role === 'waiting') retryQueue.discard(DATASET_UPDATED);
    },
  });
  campaign.evaluate();

  function begin() {
    last = undefined;
    const leadership = lead({
      ...deps,
      catalogs,
      lease,
      onReport(report) {
        last = report;
        if (report.status === 'succeeded') campaign.confirm();
      },
      onLost: campaign.lose,
    });
    leadership.firstRun.then(deps.onFirstRun);
    return leadership;
  }

  return {
    role: campaign.role,
    /** The report of the last run of this leadership. */
    lastReport: () => last,

    /**
     * @param graceMs how long a run that goes on may take to end by itself, ms
     * @param cutOffMs how long the end of one that was cut off is waited for, ms
     */
    async stop(graceMs: number, cutOffMs: number): Promise<void> {
      fence?.stop();
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise((resolve) => {
        timer = setTimeout(resolve, graceMs + cutOffMs);
      });
      await Promise.race([campaign.stop(graceMs), deadline]);
      clearTimeout(timer);
      await lease.release();
      await catalogs.close();
    },
  };
}
