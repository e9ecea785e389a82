import type { EventBus } from '@landfall/event-bus/event-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { DataSet } from '../dataset/data-set.ts';
import type { Follower } from '../follow/follower.ts';
import type { LiveEvents } from '../monitoring/event-broadcaster.ts';
import type { RunHistory } from '../monitoring/run-history.ts';
import type { StatusWatch } from '../monitoring/status-monitor.ts';
import type { Limits } from './limits.ts';

/** What the API answers from. */
export interface AppDeps {
  dataSet: DataSet;
  follower: Follower;
  runs: RunHistory;
  events: LiveEvents;
  status: StatusWatch;
  store: ObjectStore;
  bus: EventBus;
  /** How long `POST /data` waits for its run, ms. */
  runWaitMs: number;
  /** How long `min_generation` waits, ms. */
  generationWaitMs: number;
  /** How much memory finished answers may take, to be given again; bytes. */
  cacheBytes: number;
  limits: Limits;
  /** Aborted when the server begins to close: who waits then gets an answer at once. */
  stopping: AbortSignal;
  /** Ms since 1970 UTC; read once a request. */
  clock: () => number;
  log: Logger;
}
