import {
  bucketSettings,
  ingestionSettings,
  readSettings,
  serverSettings,
  stackSettings,
  stateSettings,
} from '@landfall/process/settings';
import { type Static, Type } from 'typebox';

/** The ingestor's environment in the stack. */
export const IngestorSettings = Type.Object({
  ...serverSettings(8081, '0.0.0.0', 'info'),
  ...stackSettings,
  ...bucketSettings,
  ...ingestionSettings,
  ...stateSettings,
});

/** @throws SettingsError with all that is wrong */
export const readConfig = (env: NodeJS.ProcessEnv) => readSettings(IngestorSettings, env);

const Options = Type.Object({ ...bucketSettings, ...ingestionSettings, ...stateSettings });

/** What an ingestor is told, wherever it runs. */
export const ingestorOptions = (config: Static<typeof Options>) => ({
  sourceBucket: config.SOURCE_BUCKET,
  processedBucket: config.PROCESSED_BUCKET,
  stateDir: config.STATE_DIR,
  fetchConcurrency: config.FETCH_CONCURRENCY,
  keepGenerations: config.KEEP_GENERATIONS,
  guardWindowMs: config.GUARD_WINDOW_HOURS * 3_600_000,
  everyMs: config.INGEST_EVERY_MINUTES * 60_000,
});
