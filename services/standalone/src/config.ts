import path from 'node:path';
import {
  bucketSettings,
  cacheSettings,
  ingestionSettings,
  readSettings,
  seedSettings,
  serverSettings,
} from '@landfall/process/settings';
import { Type } from 'typebox';

/** The environment of a standalone Landfall. */
export const StandaloneSettings = Type.Object({
  ...serverSettings(8080, '127.0.0.1', 'warn'),
  ...bucketSettings,
  ...ingestionSettings,
  ...cacheSettings,
  ...seedSettings,
  DATA_DIR: Type.String({ default: './data', minLength: 1, description: 'folder of the buckets' }),
  STATE_DIR: Type.Optional(Type.String({ description: 'a folder (default: state/ in DATA_DIR)' })),
});

/** @throws SettingsError with all problems */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readSettings(StandaloneSettings, env);
  return { ...config, STATE_DIR: config.STATE_DIR ?? path.join(config.DATA_DIR, 'state') };
}
