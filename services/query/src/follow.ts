import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DATASET_UPDATED } from '@landfall/contracts/events';
import { isFor, type Manifest } from '@landfall/contracts/manifest';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import { oneAtATime } from '@landfall/process/one-at-a-time';
import { readManifest } from '@landfall/processed-bucket/read-manifest';
import type { BirthDays } from './birth-days.ts';
import type { DataSet } from './data-set.ts';
import type { Loader } from './load/loader.ts';

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
  onLoaded: (manifest: Manifest, born: BirthDays) => void;
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
  stop: () => Promise<void>;
}

/** Events may be lost; the manifest is looked at this often all the same. */
const LOOK_EVERY_MS = 30_000;

/** Follows the published data set: by event, at every reconnection of the bus, and every 30 seconds. */
export function follow(deps: FollowDeps): Follower {
  const { bus, log } = deps;
  const takeOver = takeOverPublished(deps);
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
    looking = look().catch((error) => log.warn({ err: error }, 'what is published could not be loaded'));
  };

  // The event only says that there is something to see: what is in the manifest counts.
  const unsubscribe = bus.subscribe(DATASET_UPDATED, lookAndReport);
  const timer = setInterval(lookAndReport, LOOK_EVERY_MS).unref();
  lookAndReport();
  const leaveBus = bus.onConnected(lookAndReport);

  return {
    look,
    fault: () => fault,
    async stop() {
      unsubscribe();
      leaveBus();
      clearInterval(timer);
      await looking;
    },
  };
}

/** Takes over what is published, by the delta where there is one for what is served, else as a whole. */
function takeOverPublished(deps: FollowDeps): () => Promise<void> {
  const { store, processedBucket, dataSet, loader, stateDir, onLoaded, log } = deps;
  const incoming = path.join(stateDir, 'incoming');
  /** The delta that could not be applied; the next look takes the whole. */
  let refused: string | undefined;

  async function fetchAndLoad(manifest: Manifest, usersKey: string, isDelta: boolean): Promise<BirthDays> {
    await fs.promises.mkdir(incoming, { recursive: true });
    const users = { file: path.join(incoming, 'users.csv'), isDelta };
    const rejectsFile = path.join(incoming, 'rejects.csv');
    await download(usersKey, users.file);
    await download(manifest.rejects_snapshot.key, rejectsFile);
    const born = await loader.load({ manifest, users, rejectsFile });
    await fs.promises.rm(incoming, { recursive: true, force: true });
    return born;
  }

  async function download(key: string, file: string): Promise<void> {
    const { body } = await store.open(processedBucket, key);
    await pipeline(body, fs.createWriteStream(file));
  }

  return async () => {
    const published = (await readManifest(store, processedBucket))?.manifest;
    if (!published) return;
    const served = dataSet.generations.current();
    const { generation, version, rows, delta } = published;
    if (served?.generation === generation && served.version === version) return;

    const byDelta = delta && delta.key !== refused && isFor(delta, served) ? delta.key : undefined;
    if (byDelta !== undefined) refused = byDelta;
    const born = await fetchAndLoad(published, byDelta ?? published.snapshot.key, byDelta !== undefined);
    refused = undefined;
    log.info({ generation, rows, delta: delta?.rows }, 'a generation is served');
    onLoaded(published, born);
  };
}
