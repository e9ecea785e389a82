import type { IncomingMessage } from 'node:http';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Metrics } from '@landfall/metrics/registry';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Access } from '../access/access.ts';
import type { DataSet } from '../dataset/data-set.ts';
import type { Follower } from '../follow/follower.ts';
import type { DataAge } from '../monitoring/data-age.ts';
import type { EventBroadcaster } from '../monitoring/event-broadcaster.ts';
import type { RunHistory } from '../monitoring/run-history.ts';
import type { StatusMonitor } from '../monitoring/status-monitor.ts';
import type { Client } from './client/client.ts';
import type { GenerationPins } from './limits/generation-pins.ts';
import type { LimitHits } from './limits/limit-hits.ts';
import type { Limits } from './limits/limits.ts';
import type { LongResponses } from './limits/long-responses.ts';

/** What the routes need. */
export interface ApiContext {
  /** Of the data set that is served. */
  definition: Definition;
  dataSet: DataSet;
  follower: Follower;
  runs: RunHistory;
  events: EventBroadcaster;
  status: StatusMonitor;
  dataAge: DataAge;
  metrics: Metrics;
  /** Whether `/metrics` is served with the API; otherwise it has a port of its own. */
  hasMetricsRoute: boolean;
  store: ObjectStore;
  bus: EventBus;
  /** The tokens; undefined: everything is open. */
  access: Access | undefined;
  /** How long `POST /data` waits for its run, ms. */
  runWaitMs: number;
  /** How long `min_generation` waits, ms. */
  generationWaitMs: number;
  /** Size of the response cache, bytes. */
  cacheBytes: number;
  limits: Limits;
  /** How often each limit was reached. */
  hits: LimitHits;
  /** Who sent a request, as limits count it. */
  clientOf: (request: IncomingMessage) => Client;
  /** The limits of streams, event streams and waits. */
  longResponses: LongResponses;
  /** The generations that clients read by pages and streams. */
  pins: GenerationPins;
  /** Aborts when the server begins to close: requests that wait are then answered at once. */
  stopping: AbortSignal;
  /** Ms since 1970 UTC. Each request reads it once. */
  clock: () => number;
  log: Logger;
}
