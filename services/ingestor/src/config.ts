import {
  bucketSettings,
  datasetSettings,
  ingestionSettings,
  metricsSettings,
  readSettings,
  serverSettings,
  stackSettings,
  stateSettings,
} from '@landfall/process/settings';
import { tracingSettings } from '@landfall/tracing/tracing-settings';
import { type Static, Type } from 'typebox';

/** The settings of the ingestor in the stack. */
export const IngestorSettings = Type.Object({
  ...serverSettings(8081, '0.0.0.0', 'info'),
  ...stackSettings,
  ...datasetSettings,
  ...bucketSettings,
  ...ingestionSettings,
  ...stateSettings,
  ...metricsSettings,
  ...tracingSettings,
});

/** Reads the settings. @throws SettingsError that names every fault */
export const readConfig = (env: NodeJS.ProcessEnv) => readSettings(IngestorSettings, env);

const Options = Type.Object({ ...bucketSettings, ...ingestionSettings, ...stateSettings });

/** Translates settings to the options of an ingestor, in the stack and in the standalone program. */
export const ingestorOptions = (config: Static<typeof Options>) => ({
  sourceBucket: config.SOURCE_BUCKET,
  processedBucket: config.PROCESSED_BUCKET,
  stateDir: config.STATE_DIR,
  fetchConcurrency: config.FETCH_CONCURRENCY,
  keepGenerations: config.KEEP_GENERATIONS,
  guardWindowMs: config.GUARD_WINDOW_HOURS * 3_600_000,
  everyMs: config.INGEST_EVERY_MINUTES * 60_000,
});
