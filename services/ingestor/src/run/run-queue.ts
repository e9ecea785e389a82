import { randomUUID } from 'node:crypto';
import { coalesceRuns, type QueuedJob } from '@landfall/concurrency/coalesce-runs';
import type { RunReport } from '@landfall/contracts/messages/run';
import { executeRun, type RunDeps } from './execute-run.ts';
import { publishQueued } from './progress.ts';
import { FULL_SCOPE, mergeSpecs, type RunSpec } from './run-spec.ts';

/** A run that was requested once or several times. */
export interface RequestedRun {
  run_id: string;
  spec: RunSpec;
}

/** The runs of a leadership. */
export interface RunQueue {
  /** Requests a run. It starts now, or shares the next run after the active one. */
  request: (spec: Pick<RunSpec, 'trigger'> & Partial<RunSpec>) => QueuedJob<RequestedRun, RunReport>;
  /** Calls `listener` with the report of every run. Returns a function that unsubscribes. */
  onReport: (listener: (report: RunReport) => void) => () => void;
  /** Resolves when all requested runs have ended. */
  whenIdle: () => Promise<unknown>;
}

/**
 * Runs ingestions one at a time. All requests during a run share one further run, which does what each of them needs. The
 * result of a run is its report, also when it failed.
 *
 * The first runs list the whole bucket until a run has succeeded, and so do the runs after a failed run: the catalog may be
 * old, and the keys of the failed run must not be lost.
 */
export function openRunQueue(deps: RunDeps): RunQueue {
  const listeners = new Set<(report: RunReport) => void>();
  let lastResult: Promise<unknown> = Promise.resolve();
  let needsFullRun = true;
  const enqueue = coalesceRuns(async ({ run_id, spec }: RequestedRun) => {
    needsFullRun = replaceDamagedCatalog(deps) || needsFullRun;
    const report = await executeRun(deps, run_id, needsFullRun ? { ...spec, scope: FULL_SCOPE } : spec);
    needsFullRun = report.status === 'failed';
    for (const listener of listeners) listener(report);
    return report;
  });
  return {
    request(spec) {
      const complete: RunSpec = { scope: FULL_SCOPE, force: false, traces: [], ...spec };
      const requested = enqueue((queued) => addToQueue(deps, queued, complete));
      lastResult = requested.result;
      return requested;
    },
    onReport(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    whenIdle: () => lastResult,
  };
}

/** Publishes the queued run before its id is returned, so that a client that receives the id finds the run. */
function addToQueue({ bus, clock }: RunDeps, queued: RequestedRun | undefined, spec: RunSpec): RequestedRun {
  const requested = queued
    ? { ...queued, spec: mergeSpecs(queued.spec, spec) }
    : { run_id: randomUUID(), spec };
  const { trigger } = requested.spec;
  if (queued?.spec.trigger !== trigger) {
    publishQueued(bus, { run_id: requested.run_id, trigger, started_at: new Date(clock()).toISOString() });
  }
  return requested;
}

/**
 * Replaces a damaged catalog by a new one. When that fails, the run fails with the damaged catalog.
 *
 * @returns whether the catalog is new
 */
function replaceDamagedCatalog({ context, catalogs, log }: RunDeps): boolean {
  try {
    const isNew = catalogs.replaceDamaged();
    context.catalog = catalogs.current();
    return isNew;
  } catch (err) {
    log.error({ err }, 'the damaged catalog could not be replaced');
    return false;
  }
}
