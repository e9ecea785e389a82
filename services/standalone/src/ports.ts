import { BUCKET_EVENTS, bucketEvent } from '@landfall/contracts/bucket-event';
import { STREAMS } from '@landfall/contracts/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { inProcessBus } from '@landfall/event-bus/in-process';
import { directoryStore } from '@landfall/object-store/directory';
import { watchDirectory } from '@landfall/object-store/directory-watch';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';

/** The adapters that need nothing but this machine. */
export interface StandalonePorts {
  store: ObjectStore;
  bus: EventBus;
  /** From when it resolves, the bus tells what changes in a bucket, until the bus is closed. */
  tellChanges: (bucket: string) => Promise<void>;
  close: () => Promise<void>;
}

/** @param dataDir holds a folder for each bucket */
export function openPorts(dataDir: string, log: Logger): StandalonePorts {
  const bus = inProcessBus({ streams: STREAMS, onError: (err, subject) => log.warn({ err, subject }) });
  let stopWatching = (): void => undefined;
  return {
    store: directoryStore(dataDir),
    bus,
    async tellChanges(bucket) {
      const watch = watchDirectory(
        dataDir,
        bucket,
        (keys) => bus.publish(BUCKET_EVENTS, bucketEvent(bucket, keys)),
        (err) =>
          log.warn({ err }, 'a folder is not watched: what changes there is seen at the next scheduled run'),
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
