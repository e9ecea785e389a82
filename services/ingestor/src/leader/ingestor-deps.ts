import type { Definition } from '@landfall/contracts/dataset/definition';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Lock } from '@landfall/state-file/lock-file';

/** What an ingestor is made of. */
export interface IngestorDeps {
  store: ObjectStore;
  bus: EventBus;
  /** The data set; `USERS` by default. */
  definition?: Definition;
  sourceBucket: string;
  processedBucket: string;
  /** A folder of the ingestor's own. */
  stateDir: string;
  /** The lock on `stateDir`, where the caller has it already. */
  stateLock?: Lock;
  fetchConcurrency: number;
  keepGenerations: number;
  /** How long the removal guard remembers how many rows there were, ms; 24 hours without it. */
  guardWindowMs?: number;
  /** Ms between two scheduled runs. */
  everyMs: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}
