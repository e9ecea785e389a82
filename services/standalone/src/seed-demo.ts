import fs from 'node:fs';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import { seed } from '@landfall/seeder/seed';
import type { readConfig } from './config.ts';

type Config = Pick<
  ReturnType<typeof readConfig>,
  'SEED_DEMO' | 'SOURCE_BUCKET' | 'PROCESSED_BUCKET' | 'STATE_DIR'
>;

/**
 * Puts the demo users in at the first start. To be called before the ingestor makes its state. That it fails is a warning:
 * what was published before can be served nevertheless.
 *
 * @param isServing whether a data set is served already
 * @returns how many files were put in
 */
export async function seedDemo(
  config: Config,
  store: ObjectStore,
  isServing: boolean,
  log: Logger,
): Promise<number> {
  if (!config.SEED_DEMO) return 0;
  const buckets = { source: config.SOURCE_BUCKET, processed: config.PROCESSED_BUCKET };
  try {
    return await seed(store, buckets, isServing || hasIngested(config.STATE_DIR));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.warn({ err: error }, 'the demo users could not be put in');
    return 0;
  }
}

/** Whether an ingestor was at work here before: there is its catalog, or a damaged file that was set aside. */
function hasIngested(stateDir: string): boolean {
  const names = fs.existsSync(stateDir) ? fs.readdirSync(stateDir) : [];
  return names.some((name) => name.startsWith('catalog.sqlite') || name.includes('.damaged-'));
}
