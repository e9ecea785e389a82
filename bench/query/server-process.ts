import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DATASET_UPDATED, STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { directoryStore } from '@landfall/object-store/directory-store';
import { makeLogger } from '@landfall/process/logger';
import { disablePretenuring } from '@landfall/process/v8-flags';
import { startQuery } from '@landfall/query/start';
import { PROCESSED } from '../data/source-directory.ts';
import { startBareServer } from './bare-server.ts';
import type { ServerLoad, ServerSpec, ServerTask } from './server.ts';

/** Process of one server. It serves until its parent disconnects. */
const spec: ServerSpec = JSON.parse(process.argv[2] ?? '');
const bus = inProcessBus({ streams: STREAMS, onError: fail });
const { address, stop } = spec.serve === 'query' ? await startLandfall(spec) : await startBareServer(spec);

const held = monitorEventLoopDelay({ resolution: 1 });
held.enable();
let [startMb, peakMb] = [memoryMb(), 0];
const sampling = setInterval(() => {
  peakMb = Math.max(peakMb, memoryMb());
}, 10);

process.on('message', (task: ServerTask) => {
  // The event only makes the service read the manifest.
  if (task.what === 'updated') bus.publish(DATASET_UPDATED, {});
  else process.send?.(serverLoad());
});
process.on('disconnect', async () => {
  clearInterval(sampling);
  held.disable();
  await stop();
  process.exit(0);
});
process.send?.(address);

function serverLoad(): ServerLoad {
  const answer = { maxLoopDelayMs: held.max / 1e6, startMb, peakMb };
  held.reset();
  [startMb, peakMb] = [memoryMb(), memoryMb()];
  return answer;
}

async function startLandfall({ root, stateDir, definition }: ServerSpec & { serve: 'query' }) {
  disablePretenuring();
  const query = await startQuery({
    store: directoryStore(root),
    bus,
    processedBucket: PROCESSED,
    ...(definition ? { definition } : {}),
    stateDir,
    host: '127.0.0.1',
    port: 0,
    keepGenerations: 10,
    runWaitMs: 30_000,
    generationWaitMs: 60_000,
    cacheBytes: 64 * 2 ** 20,
    clock: Date.now,
    log: makeLogger('bench', 'fatal'),
  });
  await query.syncNow();
  return { address: query.address, stop: query.stop };
}

function memoryMb(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}

function fail(error: Error): never {
  throw error;
}
