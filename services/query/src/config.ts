import {
  accessSettings,
  bucketSettings,
  cacheSettings,
  datasetSettings,
  freshnessSettings,
  ingestionSettings,
  metricsSettings,
  readSettings,
  retentionSettings,
  serverSettings,
  stackSettings,
  stateSettings,
} from '@landfall/process/settings';
import { tracingSettings } from '@landfall/tracing/tracing-settings';
import { type Static, Type } from 'typebox';
import { accessOptions } from './access/access-options.ts';
import { limitOptions, limitSettings } from './http/limits/limit-settings.ts';
import { bindSettings, originOptions, originSettings } from './http/origin/origin-settings.ts';

/** The interval of runs decides when data counts as old. */
const freshness = {
  ...freshnessSettings,
  INGEST_EVERY_MINUTES: ingestionSettings.INGEST_EVERY_MINUTES,
};

/** The settings that a query service has in the stack and standalone. */
const optionSettings = {
  ...serverSettings(8080, '0.0.0.0', 'info'),
  PROCESSED_BUCKET: bucketSettings.PROCESSED_BUCKET,
  ...stateSettings,
  ...retentionSettings,
  ...cacheSettings,
  ...originSettings,
  ...bindSettings,
  ...accessSettings,
  ...limitSettings,
  ...freshness,
  ...metricsSettings,
};
const Options = Type.Object(optionSettings);

/** The environment variables of the query service. */
export const QuerySettings = Type.Object({
  ...optionSettings,
  ...stackSettings,
  ...datasetSettings,
  ...tracingSettings,
});

/** @throws SettingsError with all faults */
export const readConfig = (env: NodeJS.ProcessEnv) => readSettings(QuerySettings, env);

/** How long `POST /data` waits for its run, ms. */
const RUN_WAIT_MS = 30_000;
/** How long `min_generation` waits, ms. */
const GENERATION_WAIT_MS = 5_000;

/**
 * The settings of a query service, in the stack and standalone.
 *
 * @throws SettingsError when settings contradict each other
 */
export const queryOptions = (config: Static<typeof Options>) => ({
  host: config.HOST,
  port: config.PORT,
  processedBucket: config.PROCESSED_BUCKET,
  stateDir: config.STATE_DIR,
  keepGenerations: config.KEEP_GENERATIONS,
  runWaitMs: RUN_WAIT_MS,
  generationWaitMs: GENERATION_WAIT_MS,
  cacheBytes: config.CACHE_MB * 2 ** 20,
  origin: originOptions(config),
  access: accessOptions(config),
  limits: limitOptions(config),
  freshnessLimitMs: (config.FRESHNESS_LIMIT_MINUTES ?? 2 * config.INGEST_EVERY_MINUTES) * 60_000,
  hasMetricsRoute: config.METRICS_PORT === undefined,
});
