import { INGEST_ALIVE, type IngestorAlive } from '@landfall/contracts/messages/events';
import type { RunReport } from '@landfall/contracts/messages/run';
import type { Lease } from '@landfall/event-bus/event-bus';
import type { CatalogHolder } from '../catalog/catalog-holder.ts';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import { openRecheck } from '../fetch/unsettled.ts';
import type { Conditions } from '../health/conditions.ts';
import { lastAnnouncedGeneration } from '../publish/announce.ts';
import type { RetryQueue } from '../publish/retry-queue.ts';
import type { RunContext } from '../run/run-context.ts';
import { openRunQueue, type RunQueue } from '../run/run-queue.ts';
import { keyScope } from '../run/run-spec.ts';
import { openPutTimeCounts } from '../source/put-times.ts';
import { consumeBucketEvents } from '../trigger/bucket-events.ts';
import { answerRunRequests } from '../trigger/run-requests.ts';
import { startSchedule } from '../trigger/schedule.ts';
import { openFencedStore } from './fenced-store.ts';
import type { IngestorDeps } from './ingestor-deps.ts';
import { keepAnnounced } from './keep-announced.ts';

const GUARD_WINDOW_MS = 24 * 3_600_000;

/** What a leader needs. */
export interface LeadershipDeps extends IngestorDeps {
  catalogs: CatalogHolder;
  retryQueue: RetryQueue;
  conditions: Conditions;
  lease: Lease;
  /** Called once when the leader finds that another ingestor leads. It must end this leadership. */
  onLost: (error: LeadershipLostError) => void;
  /** Called with the report of every run. */
  onReport: (report: RunReport) => void;
}

/** One leadership of this ingestor. */
export interface Leadership {
  /** The report of the first run, which lists the whole bucket. */
  firstRun: Promise<RunReport>;
  /**
   * Stops all triggers and ends the active run: nothing more is written. Resolves when the run has ended.
   *
   * @param graceMs how long the run may go on before it is aborted, ms
   */
  end: (error: LeadershipLostError, graceMs: number) => Promise<void>;
}

/**
 * Starts everything that only the leader does: it announces generations, and runs on start, on the schedule, on request,
 * on bucket events and when the catalog is damaged.
 */
export function startLeadership(deps: LeadershipDeps): Leadership {
  const { bus, catalogs, conditions, lease, log } = deps;
  const fenced = openFencedStore(deps.store, confirmLeadership);
  const recheck = openRecheck(deps.clock, (keys) =>
    runs.request({ trigger: 'bucket', scope: keyScope(keys) }),
  );
  const context: RunContext = {
    ...deps,
    catalog: catalogs.current(),
    store: fenced.store,
    guardWindowMs: deps.guardWindowMs ?? GUARD_WINDOW_MS,
    highestKnown: [async () => lease.value, async () => (await lastAnnouncedGeneration(bus, log)) ?? 0],
    onUnsettled: recheck.schedule,
    puts: { lastFullRun: undefined, pending: openPutTimeCounts() },
  };
  const runs: RunQueue = openRunQueue({ ...deps, context, onLeadershipLost: deps.onLost });

  /** A process that was paused notices here that another one leads, also on a store without conditional puts. */
  async function confirmLeadership(): Promise<void> {
    if (lease.state.kind === 'held') return;
    const state = await lease.check();
    if (state.kind === 'taken') throw new LeadershipLostError(`${state.holder} leads now`);
  }

  const stops = [
    runs.onReport((report) => {
      lease.raise(report.generation ?? 0);
      deps.onReport(report);
    }),
    answerRunRequests(bus, runs, deps.tracer),
    bus.respond(INGEST_ALIVE, (): IngestorAlive => ({ alive: true, conditions: conditions.list() })),
    keepAnnounced({ ...deps, store: fenced.store }),
    startSchedule(runs, deps.everyMs).stop,
    recheck.cancel,
  ];
  const firstRun = runs.request({ trigger: 'start' }).result;
  stops.push(catalogs.onDamage(() => runs.request({ trigger: 'schedule' })));
  stops.push(consumeBucketEvents({ ...deps, bucket: deps.sourceBucket, runs, confirmLeadership }));

  return {
    firstRun,
    async end(error, graceMs) {
      for (const stop of stops) stop();
      const abort = graceMs > 0 ? setTimeout(() => fenced.close(error), graceMs) : undefined;
      if (!abort) fenced.close(error);
      await runs.whenIdle();
      clearTimeout(abort);
      fenced.close(error);
    },
  };
}
