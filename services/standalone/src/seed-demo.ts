import fs from 'node:fs';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import { demoFolder, seed } from '@landfall/seeder/seed';
import type { readConfig } from './config.ts';

type Config = Pick<
  ReturnType<typeof readConfig>,
  'SEED_DEMO' | 'SOURCE_BUCKET' | 'PROCESSED_BUCKET' | 'STATE_DIR' | 'DATASET_FILE'
>;

/**
 * Adds the demo data at the first start. Call it before the ingestor creates its state. A failure is a warning: published data can
 * still be served.
 *
 * @param isServing whether a data set is served already
 * @returns the number of added files
 */
export async function seedDemo(
  config: Config,
  store: ObjectStore,
  isServing: boolean,
  log: Logger,
): Promise<number> {
  const from = demoFolder(config.DATASET_FILE);
  if (!config.SEED_DEMO || from === undefined) return 0;
  const buckets = { source: config.SOURCE_BUCKET, processed: config.PROCESSED_BUCKET };
  try {
    return await seed(store, buckets, isServing || hasIngested(config.STATE_DIR), from);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.warn({ err: error }, 'the demo data could not be added');
    return 0;
  }
}

/** Whether an ingestor has run here: there is a catalog, or a damaged one. */
function hasIngested(stateDir: string): boolean {
  const names = fs.existsSync(stateDir) ? fs.readdirSync(stateDir) : [];
  return names.some((name) => name.startsWith('catalog.sqlite') || name.includes('.damaged-'));
}
