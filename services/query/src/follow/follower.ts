import fs from 'node:fs';
import path from 'node:path';
import { coalesceRuns } from '@landfall/concurrency/coalesce-runs';
import { DATASET_UPDATED } from '@landfall/contracts/messages/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { inSpan, messageAttributes, NO_SPAN, NO_TRACER, type Span } from '@landfall/tracing/span';
import { joinTraces, type TraceContext } from '@landfall/tracing/trace-context';
import {
  type ImportPublishedDeps,
  INCOMING_FOLDER,
  importPublished,
  OtherDefinitionError,
} from './import-published.ts';

export interface FollowerDeps extends ImportPublishedDeps {
  bus: EventBus;
}

/** Keeps the served data set equal to the published one. */
export interface Follower {
  /**
   * Reads the manifest, and loads the published generation when another one is served. When it resolves, everything that was
   * published before the call is served.
   *
   * @param trace the request that it belongs to, for tracing
   * @throws StoreError, ManifestError, PublishedObjectError, the loader's error; the served generation then stays
   */
  syncNow: (trace?: TraceContext) => Promise<void>;
  /** The error of the last sync; undefined when it succeeded. */
  fault: () => unknown;
  /** Whether the last sync found a data set of another definition. */
  isOtherDefinition: () => boolean;
  /** Ends a running download. Resolves when the running sync has ended. */
  stop: () => Promise<void>;
}

/** Events may be lost, so the manifest is also read at this interval, ms. */
const SYNC_INTERVAL_MS = 30_000;

/** Follows the published data set: on each event, on each reconnection of the bus, and every 30 seconds. */
export function startFollower(deps: FollowerDeps): Follower {
  const { bus, tracer = NO_TRACER, log, stateDir } = deps;
  const stopping = new AbortController();
  let fault: unknown;
  const sync = coalesceRuns(async (traces: readonly TraceContext[]) => {
    try {
      await importPublished(deps, traces, stopping.signal);
      fault = undefined;
    } catch (error) {
      fault = error;
      throw error;
    }
  });
  const syncNow = (trace?: TraceContext) =>
    sync((queued = []) => (trace ? joinTraces(queued, [trace]) : queued)).result;
  let backgroundSync: Promise<void> = Promise.resolve();
  function syncInBackground(span: Span = NO_SPAN): void {
    if (stopping.signal.aborted) return;
    backgroundSync = inSpan(span, () => syncNow(span.context)).catch((err) => {
      if (stopping.signal.aborted) return;
      log.warn({ err, trace_id: span.traceId }, 'the published generation could not be loaded');
    });
  }

  // An event only triggers a sync; its content is not used.
  const unsubscribe = bus.subscribe(DATASET_UPDATED, (_event, trace) => {
    const options = { kind: 'consumer', attributes: messageAttributes('process', DATASET_UPDATED) } as const;
    syncInBackground(tracer.start(`process ${DATASET_UPDATED}`, trace ? [trace] : [], options));
  });
  const timer = setInterval(() => syncInBackground(), SYNC_INTERVAL_MS).unref();
  fs.rmSync(path.join(stateDir, INCOMING_FOLDER), { recursive: true, force: true });
  syncInBackground();
  const removeListener = bus.onConnected(() => syncInBackground());

  return {
    syncNow,
    fault: () => fault,
    isOtherDefinition: () => fault instanceof OtherDefinitionError,
    async stop() {
      unsubscribe();
      removeListener();
      clearInterval(timer);
      stopping.abort();
      await backgroundSync;
    },
  };
}
