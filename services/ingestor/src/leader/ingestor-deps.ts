import type { Definition } from '@landfall/contracts/dataset/definition';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Lock } from '@landfall/state-file/lock-file';
import type { Tracer } from '@landfall/tracing/span';
import type { IngestorMetrics } from '../metrics/ingestor-metrics.ts';

/** The parts and settings of an ingestor. */
export interface IngestorDeps {
  /** The data set. */
  definition: Definition;
  store: ObjectStore;
  bus: EventBus;
  sourceBucket: string;
  processedBucket: string;
  /** A folder that only this ingestor uses. */
  stateDir: string;
  /** The lock on `stateDir`, when the caller holds it already. */
  stateLock?: Lock;
  /** Maximum number of concurrent reads. */
  fetchConcurrency: number;
  /** Number of generations whose snapshots pruning always keeps. */
  keepGenerations: number;
  /** How long the removal guard remembers row counts, ms; 24 hours by default. */
  guardWindowMs?: number;
  /** Time between two scheduled runs, ms. */
  everyMs: number;
  /** Counts runs and events; without it they are not counted. */
  metrics?: IngestorMetrics | undefined;
  /** Traces runs; without it they are not traced. */
  tracer?: Tracer | undefined;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}
