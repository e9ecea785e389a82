import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { RunCounts } from '@landfall/contracts/messages/run';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Span } from '@landfall/tracing/span';
import type { Catalog } from '../catalog/catalog.ts';
import type { Unsettled } from '../fetch/unsettled.ts';
import type { Conditions } from '../health/conditions.ts';
import type { FoundManifest } from '../processed/find-published.ts';
import type { ProcessedListing } from '../processed/list-processed.ts';
import type { RetryQueue } from '../publish/retry-queue.ts';
import type { PutTimeCounts } from '../source/put-times.ts';
import type { OnProgress } from './progress.ts';
import type { RunScope } from './run-spec.ts';

/** What all runs of a leadership work on. */
export interface RunContext {
  store: ObjectStore;
  /** Replaced when the catalog is damaged. */
  catalog: Catalog;
  conditions: Conditions;
  sourceBucket: string;
  processedBucket: string;
  /** A folder that only this ingestor uses. */
  stateDir: string;
  /** Maximum number of concurrent reads. */
  fetchConcurrency: number;
  /** How long the removal guard remembers row counts, ms. */
  guardWindowMs: number;
  /**
   * Sources of the highest generation number besides the processed bucket and the catalog; 0 when a source has none. All
   * are read before a generation is published.
   */
  highestKnown: readonly (() => Promise<number>)[];
  retryQueue: RetryQueue;
  /** The objects that were put and are not published yet. */
  puts: {
    /** When the last full run began that succeeded in this leadership, ms since 1970 UTC. */
    lastFullRun: number | undefined;
    pending: PutTimeCounts;
  };
  /** Number of generations whose snapshots pruning always keeps. */
  keepGenerations: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
  /** Called with files that are still being written. A later run must read them. */
  onUnsettled: (unsettled: Unsettled) => void;
}

/** The options of one run. */
export interface RunOptions {
  scope: RunScope;
  /** Whether the run applies removals that the removal guard would hold back. */
  force: boolean;
  /** Whether the run waits for files that are being written; otherwise a later run reads them. */
  waitForUnsettled: boolean;
}

/** One run while it is active. */
export interface ActiveRun {
  options: RunOptions;
  /** Updated by each stage, so that a failed run reports how far it came. */
  counts: RunCounts;
  /** The time of the run, ms since 1970 UTC. */
  now: number;
  onProgress: OnProgress;
  /** The span of the phase that goes on; before the first one, that of the run. */
  span: () => Span;
}

/** The processed bucket at the start of a run, and what follows from it. */
export interface PublishedState {
  found: FoundManifest;
  /** The manifest of `found`; undefined when there is none that can be parsed. */
  manifest: Manifest | undefined;
  /** Undefined when the bucket was not listed: the run has a key scope. */
  listing: ProcessedListing | undefined;
  /** The scope of the run: always full when the manifest is not the catalog's own. */
  scope: RunScope;
}

/** What is published after a run. */
export interface RunOutcome {
  manifest: Manifest;
  /** Whether this run published it. */
  published: boolean;
  /** Whether the run listed the whole source bucket. */
  isFull: boolean;
}
