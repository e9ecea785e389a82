import { STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { directoryStore } from '@landfall/object-store/directory-store';
import { makeLogger } from '@landfall/process/logger';
import { disablePretenuring } from '@landfall/process/v8-flags';
import type { LimitName } from '../../src/http/limits/limit-hits.ts';
import type { Limits } from '../../src/http/limits/limits.ts';
import { startQuery } from '../../src/start.ts';

/** What the parent asks for. */
export interface AttackedState {
  /** The highest resident memory since the service was ready, bytes. */
  peakBytes: number;
  hits: Record<LimitName, number>;
}

/** The arguments of the process. */
export interface AttackedOptions {
  root: string;
  /** Limits that differ from the defaults. */
  limits: Partial<Limits>;
}

/** A query service in a process of its own, until its parent disconnects. Each message is answered with the state. */
const { root, limits }: AttackedOptions = JSON.parse(process.argv[2] ?? '');
disablePretenuring();
const query = await startQuery({
  store: directoryStore(root),
  bus: inProcessBus({ streams: STREAMS, onError: () => undefined }),
  processedBucket: 'processed-data',
  stateDir: `${root}/state`,
  host: '127.0.0.1',
  port: 0,
  keepGenerations: 10,
  runWaitMs: 1_000,
  generationWaitMs: 5_000,
  cacheBytes: 64 * 2 ** 20,
  limits,
  clock: Date.now,
  log: makeLogger('test', 'silent'),
});
await query.syncNow();
let peakBytes = process.memoryUsage.rss();
const sampling = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 20);
process.on('message', () => process.send?.({ peakBytes, hits: query.limitHits } satisfies AttackedState));
process.on('disconnect', async () => {
  clearInterval(sampling);
  await query.stop();
  process.exit(0);
});
process.send?.(query.address);
