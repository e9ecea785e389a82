import path from 'node:path';
import { USERS } from '@landfall/contracts/dataset/users';
import { STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { directoryStore } from '@landfall/object-store/directory-store';
import { makeLogger } from '@landfall/process/logger';
import { startIngestor } from '../../src/start.ts';

/**
 * A process with an ingestor that is killed before its `step`-th step: reading a record, writing an object, or storing a
 * message. It exits with code 0 when its first run has fewer steps.
 */
const [root = '', step = ''] = process.argv.slice(2);
let left = Number(step);

/** SIGKILL: nothing is flushed, closed or caught. */
function stepOrDie(): void {
  if (--left === 0) process.kill(process.pid, 'SIGKILL');
}

const store = directoryStore(root);
const bus = inProcessBus({ streams: STREAMS, onError: () => undefined });
const ingestor = startIngestor({
  definition: USERS,
  store: {
    ...store,
    readEach(bucket, objects, limits, onRead) {
      return store.readEach(bucket, objects, limits, (key, read) => {
        stepOrDie();
        onRead(key, read);
      });
    },
    async put(...args) {
      stepOrDie();
      const version = await store.put(...args);
      // A crash after the write and before its result.
      stepOrDie();
      return version;
    },
    copy(bucket, from, to) {
      stepOrDie();
      return store.copy(bucket, from, to);
    },
  },
  bus: {
    ...bus,
    keep(subject, message, id) {
      stepOrDie();
      return bus.keep(subject, message, id);
    },
  },
  sourceBucket: 'src-data',
  processedBucket: 'processed-data',
  stateDir: path.join(root, 'state'),
  fetchConcurrency: 1,
  keepGenerations: 10,
  everyMs: 25 * 60_000,
  clock: Date.now,
  log: makeLogger('crashing', 'silent'),
});
const { status } = await ingestor.firstRun;
await ingestor.stop();
process.exit(status === 'succeeded' ? 0 : 1);
