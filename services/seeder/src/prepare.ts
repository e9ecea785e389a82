import { StoreError } from '@landfall/object-store/object-store';
import type { BucketAccess } from '@landfall/object-store/s3/bucket-policy';
import type { MinioAdmin } from '@landfall/object-store/s3/minio-admin';
import type { S3Store } from '@landfall/object-store/s3-store';
import type { Logger } from '@landfall/process/logger';
import { ingestorPolicy, queryPolicy } from './service-users.ts';

/** A user of the object store. */
export interface User {
  accessKey: string;
  secretKey: string;
}

/** What has to be there before the services start. */
export interface Preparation {
  store: S3Store;
  admin: MinioAdmin;
  buckets: { source: string; processed: string };
  access: BucketAccess;
  /** Undefined where the services come with credentials that the store knows. */
  ingestor: User | undefined;
  query: User | undefined;
  log: Logger;
}

/**
 * Makes the buckets, says who may use them, and makes the users of the services. Done again, it changes nothing.
 * A store that has no users of MinIO's kind is told of: its services need credentials that it knows.
 *
 * @throws StoreError when the buckets can't be made, or opened to the public as was wished
 */
export async function prepare({ store, admin, buckets, access, ...given }: Preparation): Promise<void> {
  for (const bucket of [buckets.source, buckets.processed]) {
    await store.createBucket(bucket);
    await store.setAccess(bucket, access).catch((error) => {
      // Not every S3 server has policies; without one, a bucket is private.
      if (access !== 'private') throw error;
      given.log.warn({ err: error, bucket }, 'the bucket’s policy could not be reset');
    });
  }
  const users = [
    { user: given.ingestor, policy: ingestorPolicy(buckets) },
    { user: given.query, policy: queryPolicy(buckets) },
  ];
  for (const { user, policy } of users) {
    if (!user) continue;
    try {
      await admin.putUser(user.accessKey, user.secretKey, policy);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      given.log.warn({ err: error }, `the user ${user.accessKey} could not be made: is this MinIO?`);
    }
  }
}
