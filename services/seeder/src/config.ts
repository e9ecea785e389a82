import type { S3Access } from '@landfall/object-store/s3-store';
import { readCaFile } from '@landfall/process/ca-file';
import {
  bucketSettings,
  datasetSettings,
  objectStoreSettings,
  optionalSecret,
  readSettings,
  seedSettings,
  serverSettings,
} from '@landfall/process/settings';
import { type Static, Type } from 'typebox';
import type { Preparation, User } from './prepare.ts';

/** The seeder's environment. */
export const SeederSettings = Type.Object({
  LOG_LEVEL: serverSettings(0, '', 'info').LOG_LEVEL,
  ...objectStoreSettings,
  ...bucketSettings,
  BUCKET_POLICY: Type.Enum(['private', 'public-read', 'public'], {
    default: 'private',
    description: 'one of private, public-read, public',
  }),
  BUCKET_EVENTS_TARGET: Type.String({
    default: 'arn:minio:sqs::LANDFALL:nats',
    description: 'ARN of the MinIO target for events of the source bucket',
  }),
  ...datasetSettings,
  ...seedSettings,
  INGESTOR_MINIO_ACCESS_KEY: optionalSecret('the name of the ingestor’s user'),
  INGESTOR_MINIO_SECRET_KEY: optionalSecret('the secret of the ingestor’s user'),
  QUERY_MINIO_ACCESS_KEY: optionalSecret('the name of the query service’s user'),
  QUERY_MINIO_SECRET_KEY: optionalSecret('the secret of the query service’s user'),
});
type Settings = Static<typeof SeederSettings>;

/** @throws SettingsError with all problems */
export const readConfig = (env: NodeJS.ProcessEnv): Settings => readSettings(SeederSettings, env);

/** Address and credentials of the administrator. @throws SettingsError when CA_FILE cannot be used */
export const rootAccess = (config: Settings): S3Access => ({
  endpoint: config.MINIO_ENDPOINT,
  accessKey: config.MINIO_ACCESS_KEY,
  secretKey: config.MINIO_SECRET_KEY,
  ca: readCaFile(config.CA_FILE),
});

/** What the seeder prepares. */
export function preparationOptions(
  config: Settings,
): Pick<Preparation, 'buckets' | 'access' | 'ingestor' | 'query'> {
  // With another store than MinIO, services may use the administrator's credentials: that user is not created.
  const user = (accessKey?: string, secretKey?: string): User | undefined =>
    accessKey && secretKey && accessKey !== config.MINIO_ACCESS_KEY ? { accessKey, secretKey } : undefined;
  return {
    buckets: { source: config.SOURCE_BUCKET, processed: config.PROCESSED_BUCKET },
    access: config.BUCKET_POLICY,
    ingestor: user(config.INGESTOR_MINIO_ACCESS_KEY, config.INGESTOR_MINIO_SECRET_KEY),
    query: user(config.QUERY_MINIO_ACCESS_KEY, config.QUERY_MINIO_SECRET_KEY),
  };
}
