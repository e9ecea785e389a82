import fs from 'node:fs';
import path from 'node:path';
import { oneAtATime } from '@landfall/concurrency/coalesce-runs';
import { isFor, type Manifest, type PublishedObject } from '@landfall/contracts/dataset/manifest';
import { DATASET_UPDATED } from '@landfall/contracts/messages/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import { readManifest } from '@landfall/processed-bucket/read-manifest';
import type { DataSet } from '../dataset/data-set.ts';
import type { Loader } from '../load/loader.ts';
import type { DayCounts } from '../statistics/day-counts.ts';
import { download, emptyFolder, orAborted } from './fetch-generation.ts';

/** What following needs. */
export interface FollowDeps {
  store: ObjectStore;
  bus: EventBus;
  processedBucket: string;
  /** A folder of the service's own. */
  stateDir: string;
  dataSet: DataSet;
  loader: Loader;
  /** Hears of every generation that is served from now on, and how many of its users were born when. */
  onLoaded: (manifest: Manifest, born: DayCounts) => void;
  log: Logger;
}

/** Keeps the served data set at what is published. */
export interface Follower {
  /**
   * Looks at the manifest, and loads what it names when that is something else than what is served. When it
   * resolves, whatever was published before the call is served.
   *
   * @throws StoreError, ManifestError, or the loader's error; what was served before is served still
   */
  look: () => Promise<void>;
  /** Why the last look failed; undefined when it did not. */
  fault: () => unknown;
  /** Ends what goes on, a download or a load; resolves when it has ended. */
  stop: () => Promise<void>;
}

/** Events may be lost; the manifest is looked at this often all the same. */
const LOOK_EVERY_MS = 30_000;
/** The folder for what is being downloaded, within the folder of the service. */
const INCOMING = 'incoming';

/** Follows the published data set: by event, at every reconnection of the bus, and every 30 seconds. */
export function follow(deps: FollowDeps): Follower {
  const { bus, log } = deps;
  const stopping = new AbortController();
  const takeOver = takeOverPublished(deps, stopping.signal);
  let fault: unknown;
  const ask = oneAtATime(async () => {
    try {
      await takeOver();
      fault = undefined;
    } catch (error) {
      fault = error;
      throw error;
    }
  });
  const look = () => ask(() => undefined).result;
  let looking: Promise<unknown> = Promise.resolve();
  const lookAndReport = () => {
    if (stopping.signal.aborted) return;
    looking = look().catch((error) => {
      if (!stopping.signal.aborted) log.warn({ err: error }, 'what is published could not be loaded');
    });
  };

  // The event only says that there is something to see: what is in the manifest counts.
  const unsubscribe = bus.subscribe(DATASET_UPDATED, lookAndReport);
  const timer = setInterval(lookAndReport, LOOK_EVERY_MS).unref();
  fs.rmSync(path.join(deps.stateDir, INCOMING), { recursive: true, force: true });
  lookAndReport();
  const leaveBus = bus.onConnected(lookAndReport);

  return {
    look,
    fault: () => fault,
    async stop() {
      unsubscribe();
      leaveBus();
      clearInterval(timer);
      stopping.abort();
      await looking;
    },
  };
}

/** Takes over what is published, by the delta where there is one for what is served, else as a whole. */
function takeOverPublished(deps: FollowDeps, signal: AbortSignal): () => Promise<void> {
  const { store, processedBucket, dataSet, loader, stateDir, onLoaded, log } = deps;
  const get = (object: PublishedObject, file: string) =>
    download(store, processedBucket, object, file, signal);

  async function fetchAndLoad(manifest: Manifest, users: PublishedObject, isDelta: boolean): Promise<void> {
    const incoming = await emptyFolder(stateDir, INCOMING);
    try {
      const usersFile = path.join(incoming, 'users.csv');
      const rejectsFile = path.join(incoming, 'rejects.csv');
      await get(users, usersFile);
      await get(manifest.rejects_snapshot, rejectsFile);
      const born = await loader.load({ manifest, users: { file: usersFile, isDelta }, rejectsFile });
      const { generation, rows } = manifest;
      log.info({ generation, rows, delta: isDelta ? users.rows : undefined }, 'a generation is served');
      onLoaded(manifest, born);
    } finally {
      await fs.promises.rm(incoming, { recursive: true, force: true });
    }
  }

  return async () => {
    const reading = readManifest(store, processedBucket);
    const published = (await orAborted(reading, signal))?.manifest;
    if (!published) return;
    const served = dataSet.generations.current();
    const { generation, version, delta, snapshot } = published;
    if (served?.generation === generation && served.version === version) return;

    if (delta && isFor(delta, served)) {
      try {
        return await fetchAndLoad(published, delta, true);
      } catch (error) {
        if (signal.aborted) throw error;
        log.warn({ err: error }, 'the delta cannot be used: the whole generation is loaded');
      }
    }
    await fetchAndLoad(published, snapshot, false);
  };
}
