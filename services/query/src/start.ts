import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { USERS } from '@landfall/contracts/dataset/users';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { StopStep } from '@landfall/process/stop';
import { openDataSet } from './dataset/data-set.ts';
import { follow } from './follow/follower.ts';
import { replaceDamaged } from './follow/replace-damaged.ts';
import { retireGenerations } from './follow/retention-sweeper.ts';
import type { Limits } from './http/limits.ts';
import { openLoader } from './load/loader.ts';
import { datasetEvent, openEventBroadcaster, runEvent, statusEvent } from './monitoring/event-broadcaster.ts';
import { openRunHistory } from './monitoring/run-history.ts';
import { openStatusMonitor, type StatusMonitor } from './monitoring/status-monitor.ts';
import { SCAN_LIMITS } from './search/scan-limits.ts';
import { buildApp } from './server.ts';

/** What a query service is made of. */
export interface QueryDeps {
  /** Of the data set; default `USERS`. */
  definition?: Definition;
  store: ObjectStore;
  bus: EventBus;
  processedBucket: string;
  /** A folder of the service's own. */
  stateDir: string;
  host: string;
  port: number;
  /** So many generations can be read at least. */
  keepGenerations: number;
  /** How long `POST /data` waits for its run, ms. */
  runWaitMs: number;
  /** How long `min_generation` waits, ms. */
  generationWaitMs: number;
  /** How much memory finished answers may take, to be given again; bytes. */
  cacheBytes: number;
  /** Limits of the HTTP server that differ from `LIMITS`. */
  limits?: Partial<Limits>;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

/** A query service at work. */
export interface Query {
  /** Where it listens: a URL. */
  address: string;
  /** What it serves now. */
  manifest: () => Manifest | undefined;
  /** Serves what is published by now; see `Follower.look`. */
  look: () => Promise<void>;
  /** What is stopped, in this order; for `stopWithin`. */
  stopSteps: readonly StopStep[];
  /** Stops it all, without a deadline. */
  stop: () => Promise<void>;
}

/** Starts a query service: it serves what it had when it was last stopped, at once, and follows from there. */
export async function startQuery(deps: QueryDeps): Promise<Query> {
  const { bus, stateDir, log, definition = USERS } = deps;
  const databaseFile = path.join(stateDir, 'data-set.sqlite');
  // What is found before there is something that replaces the file is reported as soon as there is.
  let onDamage = (why: string): void => void foundEarly.push(why);
  const foundEarly: string[] = [];
  const damageFound = (why: string) => onDamage(why);
  const dataSet = openDataSet(
    databaseFile,
    definition,
    (why) => log.warn(`the database is made anew: ${why}`),
    SCAN_LIMITS,
    damageFound,
  );
  const loader = openLoader(databaseFile, damageFound);
  const retiring = retireGenerations({ ...deps, generations: dataSet.generations, loader });
  const events = openEventBroadcaster();
  const runs = openRunHistory(
    bus,
    (run) => {
      events.tell(runEvent(run));
      status.onRun(run);
    },
    log,
  );
  const follower = follow({
    ...deps,
    dataSet,
    loader,
    onLoaded(manifest, born) {
      dataSet.holdFigures(manifest, born);
      dataSet.generations.refresh();
      replacement.loaded();
      events.tell(datasetEvent(manifest));
      retiring.look();
    },
  });
  const replacement = replaceDamaged({ ...deps, file: databaseFile, dataSet, loader, reload: follower.look });
  onDamage = replacement.report;
  foundEarly.forEach(onDamage);
  const status: StatusMonitor = openStatusMonitor({
    ...deps,
    dataSet,
    follower,
    runs,
    isDamaged: replacement.isDamaged,
    onChange: (now) => events.tell(statusEvent(now)),
  });
  const app = await buildApp({ ...deps, definition, dataSet, follower, runs, events, status });
  const address = await app.listen({ host: deps.host, port: deps.port });

  const stopSteps: StopStep[] = [
    { what: 'the status watch', stop: status.stop },
    { what: 'the API', stop: () => app.close() },
    { what: 'the run history', stop: runs.stop },
    { what: 'the retirement of generations', stop: retiring.stop },
    { what: 'the follower', stop: follower.stop },
    { what: 'the replacement of the database', stop: replacement.stop },
    // The writer last: it then folds the log back into the file.
    { what: 'the reading of the database', stop: dataSet.close },
    { what: 'the loader', stop: () => loader.close() },
    { what: 'the watch on the database', stop: replacement.close },
  ];

  return {
    address,
    manifest: dataSet.generations.current,
    look: follower.look,
    stopSteps,
    async stop() {
      for (const { stop } of stopSteps) await stop();
    },
  };
}
