import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '@landfall/object-store/object-store';
import { minioAdmin } from '@landfall/object-store/s3/minio-admin';
import { enableNotifications } from '@landfall/object-store/s3/minio-notification';
import { s3Store } from '@landfall/object-store/s3-store';
import { exitOnUncaught } from '@landfall/process/exit-on-uncaught';
import { exitWithError } from '@landfall/process/exit-with-error';
import { makeLogger } from '@landfall/process/logger';
import { preparationOptions, readConfig, rootAccess } from './config.ts';
import { prepare } from './prepare.ts';
import { demoFolder, seed } from './seed.ts';

/** A store that has just started may not accept writes yet. */
const ATTEMPTS = 30;

try {
  const config = readConfig(process.env);
  const log = makeLogger('seeder', config.LOG_LEVEL);
  exitOnUncaught(log);
  const root = rootAccess(config);
  const store = s3Store(root);
  for (let attempt = 1; ; attempt++) {
    try {
      await prepare({ store, admin: minioAdmin(root), log, ...preparationOptions(config) });
      break;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'unavailable' || attempt === ATTEMPTS) throw error;
      log.warn({ err: error }, 'the object store is not ready');
      await sleep(1_000);
    }
  }
  const buckets = { source: config.SOURCE_BUCKET, processed: config.PROCESSED_BUCKET };
  const from = demoFolder(config.DATASET_FILE);
  const put =
    !config.SEED_DEMO || from === undefined
      ? 0
      : await seed(store, buckets, false, from).catch((error) => {
          // The services need the buckets, not the demo data.
          if (!(error instanceof StoreError)) throw error;
          log.warn({ err: error }, 'the demo data could not be added');
          return 0;
        });
  // After the demo data, which needs no events: the ingestor starts with a full run.
  await enableNotifications(root, config.SOURCE_BUCKET, config.BUCKET_EVENTS_TARGET).catch((error) => {
    if (!(error instanceof StoreError)) throw error;
    log.warn({ err: error }, 'the bucket sends no events: changes are found at each scheduled run');
  });
  log.info({ put, policy: config.BUCKET_POLICY }, 'the buckets are ready');
} catch (error) {
  exitWithError(error);
}
