import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import { STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { startIngestor } from '@landfall/ingestor/start';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { makeLogger } from '@landfall/process/logger';
import { PROCESSED, SOURCE } from '../data/source-directory.ts';

/** The default setting. */
const FETCH_CONCURRENCY = 64;

/** Starts an ingestor over a store, like standalone, without serving. */
export function ingestorOver(store: ObjectStore, stateDir: string, definition: Definition = USERS) {
  const bus = inProcessBus({ streams: STREAMS, onError: fail });
  const ingestor = startIngestor({
    definition,
    store,
    bus,
    sourceBucket: SOURCE,
    processedBucket: PROCESSED,
    stateDir,
    fetchConcurrency: FETCH_CONCURRENCY,
    keepGenerations: 10,
    everyMs: 25 * 60_000,
    clock: Date.now,
    log: makeLogger('bench', 'fatal'),
  });
  return { bus, ingestor };
}

function fail(error: Error): never {
  throw error;
}
