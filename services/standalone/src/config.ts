import path from 'node:path';
import { USERS } from '@landfall/contracts/dataset/users';
import { readDefinition } from '@landfall/contracts/definition/read-definition';
import {
  accessSettings,
  bucketSettings,
  cacheSettings,
  datasetSettings,
  freshnessSettings,
  ingestionSettings,
  metricsSettings,
  readSettings,
  seedSettings,
  serverSettings,
} from '@landfall/process/settings';
import { limitSettings } from '@landfall/query/http/limits/limit-settings';
import { originSettings } from '@landfall/query/http/origin/origin-settings';
import { tracingSettings } from '@landfall/tracing/tracing-settings';
import { Type } from 'typebox';

/** The environment of a standalone Landfall. */
export const StandaloneSettings = Type.Object({
  ...serverSettings(8080, '127.0.0.1', 'warn'),
  ...bucketSettings,
  ...ingestionSettings,
  ...cacheSettings,
  ...accessSettings,
  ...datasetSettings,
  ...seedSettings,
  ...originSettings,
  ...limitSettings,
  ...freshnessSettings,
  ...metricsSettings,
  ...tracingSettings,
  DATA_DIR: Type.String({ default: './data', minLength: 1, description: 'folder of the buckets' }),
  STATE_DIR: Type.Optional(Type.String({ description: 'a folder (default: state/ in DATA_DIR)' })),
});

/**
 * Reads the settings and the definition of the data set. Each data set but `users` has a folder of its own in the default
 * DATA_DIR, so that one data set does not replace another.
 *
 * @throws SettingsError with all problems; DefinitionError
 */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readSettings(StandaloneSettings, env);
  const definition = readDefinition(config.DATASET_FILE);
  const isDefault = !env.DATA_DIR && definition.name !== USERS.name;
  const DATA_DIR = isDefault ? path.join(config.DATA_DIR, definition.name) : config.DATA_DIR;
  return { ...config, definition, DATA_DIR, STATE_DIR: config.STATE_DIR ?? path.join(DATA_DIR, 'state') };
}
