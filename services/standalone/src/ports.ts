import path from 'node:path';
import { passedOverFolderTest } from '@landfall/contracts/definition/passed-over-keys';
import { BUCKET_EVENTS, bucketEvent } from '@landfall/contracts/messages/bucket-event';
import { STREAMS } from '@landfall/contracts/messages/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { watchDirectory } from '@landfall/object-store/directory/watch/watch';
import { directoryStore } from '@landfall/object-store/directory-store';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { readConfig } from './config.ts';

type Config = Pick<
  ReturnType<typeof readConfig>,
  'DATA_DIR' | 'SOURCE_BUCKET' | 'PROCESSED_BUCKET' | 'definition'
>;

/** The adapters of a standalone process. */
export interface StandalonePorts {
  store: ObjectStore;
  bus: EventBus;
  /** The folder of the source bucket. */
  sourceFolder: string;
  /** Publishes changes of the source bucket on the bus, from when it resolves. */
  enableNotifications: () => Promise<void>;
  close: () => Promise<void>;
}

/**
 * Opens the adapters and creates the buckets. A source bucket that cannot be created is a warning: published data can be served
 * without it, and the next listing reports it.
 *
 * @throws StoreError when the processed bucket cannot be created
 */
export async function openPorts(config: Config, log: Logger): Promise<StandalonePorts> {
  const { DATA_DIR: dataDir, SOURCE_BUCKET: source, PROCESSED_BUCKET: processed } = config;
  const store = directoryStore(dataDir);
  await store.createBucket(processed);
  await store.createBucket(source).catch((err) => {
    log.warn({ err }, 'the folder of the source bucket cannot be created');
  });
  const bus = inProcessBus({ streams: STREAMS, onError: (err, subject) => log.warn({ err, subject }) });
  let stopWatching = (): void => undefined;
  return {
    store,
    bus,
    sourceFolder: path.join(dataDir, source),
    async enableNotifications() {
      const watch = watchDirectory(
        dataDir,
        source,
        passedOverFolderTest(config.definition),
        (keys) => bus.publish(BUCKET_EVENTS, bucketEvent(source, keys)),
        (err) =>
          log.warn({ err }, 'a folder cannot be watched: its changes are found by the next scheduled run'),
      );
      stopWatching = watch.stop;
      await watch.ready;
    },
    async close() {
      stopWatching();
      await bus.close();
    },
  };
}
