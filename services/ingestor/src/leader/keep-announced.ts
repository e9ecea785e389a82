import type { EventBus, Lease } from '@landfall/event-bus/event-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import { readManifest } from '@landfall/processed-bucket/read-manifest';
import type { CatalogHolder } from '../catalog/catalog-holder.ts';
import { announce, lastAnnouncedGeneration } from '../publish/announce.ts';
import type { RetryQueue } from '../publish/retry-queue.ts';

export interface KeepAnnouncedDeps {
  store: ObjectStore;
  bus: EventBus;
  processedBucket: string;
  catalogs: CatalogHolder;
  retryQueue: RetryQueue;
  lease: Lease;
  log: Logger;
}

/**
 * Announces the published generation now, for subscribers that missed the event, and again at a reconnection when the event
 * is gone: the stream may have been deleted. A generation that is older than the announced one, as after a bucket is restored, is
 * not announced: the stream would forget the higher number, and a later generation could get it again.
 *
 * @returns stops it
 */
export function keepAnnounced(deps: KeepAnnouncedDeps): () => void {
  const { store, bus, processedBucket, catalogs, retryQueue, lease, log } = deps;
  let hasStopped = false;
  let isFirstConnection = true;

  async function announcePublished(when: 'always' | 'event is gone'): Promise<void> {
    const manifest = (await readManifest(store, processedBucket))?.manifest;
    if (!manifest || hasStopped) return;
    lease.raise(manifest.generation);
    const announced = await lastAnnouncedGeneration(bus, log);
    if (hasStopped) return;
    if (announced !== undefined && announced > manifest.generation) {
      lease.raise(announced);
      log.warn(
        { generation: manifest.generation, announced },
        'the published generation is older than the last announced one: was the bucket restored? The next one gets a number above both',
      );
      return;
    }
    if (when === 'event is gone' && (announced === undefined || announced === manifest.generation)) return;
    const { manifest: known, counts } = catalogs.current().publishState();
    const isOwn = known?.generation === manifest.generation && known.version === manifest.version;
    await announce(retryQueue, manifest, (isOwn && counts) || null);
  }

  const logFailure = (error: unknown): void => {
    if (!hasStopped) log.warn({ err: error }, 'the published generation could not be announced');
  };
  const unsubscribe = bus.onConnected(() => {
    if (!isFirstConnection) announcePublished('event is gone').catch(logFailure);
    isFirstConnection = false;
  });
  isFirstConnection = false;
  announcePublished('always').catch(logFailure);
  return () => {
    hasStopped = true;
    unsubscribe();
  };
}
