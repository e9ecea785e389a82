import {
  DATASET_UPDATED,
  INGEST_ALIVE,
  INGEST_RUN,
  type IngestorAlive,
  parseDatasetUpdated,
  parseRunRequest,
  type RunAccepted,
} from '@landfall/contracts/messages/events';
import { MessageError } from '@landfall/contracts/messages/message-error';
import type { RunReport } from '@landfall/contracts/messages/run';
import type { Lease } from '@landfall/event-bus/event-bus';
import { readManifest } from '@landfall/processed-bucket/read-manifest';
import type { CatalogHolder } from '../catalog/catalog-holder.ts';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import { openRecheck } from '../fetch/unsettled.ts';
import type { Conditions } from '../health/conditions.ts';
import { announce, lastAnnouncedGeneration } from '../publish/announce.ts';
import type { RetryQueue } from '../publish/retry-queue.ts';
import type { Ingestion } from '../run/pipeline.ts';
import { openRuns, type Runs } from '../run/run-queue.ts';
import { followBucket } from '../trigger/bucket-events.ts';
import { startSchedule } from '../trigger/schedule.ts';
import type { IngestorDeps } from './ingestor-deps.ts';
import { leadingStore } from './leading-store.ts';

const GUARD_WINDOW_MS = 24 * 3_600_000;

/** What a leader needs beside what every ingestor has. */
export interface LeadDeps extends IngestorDeps {
  catalogs: CatalogHolder;
  retryQueue: RetryQueue;
  conditions: Conditions;
  lease: Lease;
  /** Called once, when the leader finds that another ingestor leads. It must end this leadership. */
  onLost: (error: LeadershipLostError) => void;
  /** Called with the report of every run. */
  onReport: (report: RunReport) => void;
}

/** One leadership, from its begin to its end. */
export interface Leadership {
  /** The report of the run it began with, which lists the whole bucket. */
  firstRun: Promise<RunReport>;
  /**
   * Takes no more runs, and ends the one that goes on: nothing more is written. Resolves when it has ended.
   *
   * @param graceMs how long the run may go on by itself before, ms
   */
  end: (error: LeadershipLostError, graceMs: number) => Promise<void>;
}

/** Does all that only the leader does: announces, runs by the clock, on request and when the bucket changes. */
export function lead(deps: LeadDeps): Leadership {
  const { bus, processedBucket, catalogs, retryQueue, conditions, lease, log } = deps;
  const fence = leadingStore(deps.store, confirm);
  const { store } = fence;
  const recheck = openRecheck(deps.clock, (keys) => runs.ask({ trigger: 'bucket', keys }));
  const ingestion: Ingestion = {
    catalog: catalogs.current(),
    ...deps,
    store,
    guardWindowMs: deps.guardWindowMs ?? GUARD_WINDOW_MS,
    highestKnown: [async () => lease.value, () => lastAnnouncedGeneration(bus, log)],
    onUnsettled: recheck.schedule,
  };
  const runs: Runs = openRuns({ ...deps, ingestion, onLeadershipLost: deps.onLost });
  let hasEnded = false;

  /** A process that was paused learns here that another one leads by now: also where the store checks no conditions. */
  async function confirm(): Promise<void> {
    if (lease.state.kind === 'held') return;
    const state = await lease.check();
    if (state.kind === 'taken') throw new LeadershipLostError(`${state.holder} leads by now`);
  }

  /** For subscribers that missed the event or came later. */
  async function announcePublished(isWanted: () => Promise<boolean> = async () => true): Promise<void> {
    const manifest = (await readManifest(store, processedBucket))?.manifest;
    if (!manifest || hasEnded) return;
    lease.raise(manifest.generation);
    if (!(await isWanted())) return;
    const { manifest: known, counts } = catalogs.current().publishState();
    const ours = known?.generation === manifest.generation && known.version === manifest.version;
    await announce(retryQueue, manifest, (ours && counts) || null);
  }

  /** The stream may have been deleted with the event. */
  async function isAnnouncementGone(): Promise<boolean> {
    const [event] = await bus.lastKept(DATASET_UPDATED);
    if (event === undefined) return true;
    return (
      parseDatasetUpdated(event).data.generation <
      (catalogs.current().publishState().manifest?.generation ?? 0)
    );
  }

  const reportAnnouncement = (error: unknown): void => {
    if (!hasEnded) log.warn({ err: error }, 'what is published could not be announced');
  };
  let isFirstConnection = true;
  const leaving = [
    runs.onReport((report) => {
      lease.raise(report.generation ?? 0);
      deps.onReport(report);
    }),
    bus.respond(INGEST_RUN, (message) => accept(runs, message)),
    bus.respond(INGEST_ALIVE, (): IngestorAlive => ({ alive: true, conditions: conditions.list() })),
    bus.onConnected(() => {
      if (!isFirstConnection) announcePublished(isAnnouncementGone).catch(reportAnnouncement);
      isFirstConnection = false;
    }),
  ];
  isFirstConnection = false;
  announcePublished().catch(reportAnnouncement);
  const schedule = startSchedule(runs, deps.everyMs);
  const firstRun = runs.ask({ trigger: 'start' }).result;
  leaving.push(catalogs.onDamage(() => runs.ask({ trigger: 'schedule' })));
  leaving.push(followBucket(bus, catalogs.current().definition, deps.sourceBucket, runs, confirm, log));

  return {
    firstRun,
    async end(error, graceMs) {
      hasEnded = true;
      for (const leave of leaving) leave();
      schedule.stop();
      recheck.cancel();
      const cutOff = graceMs > 0 ? setTimeout(() => fence.end(error), graceMs) : undefined;
      if (!cutOff) fence.end(error);
      await runs.idle();
      clearTimeout(cutOff);
      fence.end(error);
    },
  };
}

/** Answers a request for a run; an empty one is fine. */
function accept(runs: Runs, message: unknown): RunAccepted | { error: string } {
  try {
    const { force = false } = parseRunRequest(message ?? {});
    return { run_id: runs.ask({ trigger: 'request', force }).job.run_id };
  } catch (error) {
    // The requester should not be left waiting for a reply.
    if (error instanceof MessageError) return { error: error.message };
    throw error;
  }
}
