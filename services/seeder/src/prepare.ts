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

/** What must exist before the services start. */
export interface Preparation {
  store: S3Store;
  admin: MinioAdmin;
  buckets: { source: string; processed: string };
  /** Of the source bucket. Of the processed bucket at most `public-read`. */
  access: BucketAccess;
  /** Undefined when the services use credentials that exist in the store. */
  ingestor: User | undefined;
  query: User | undefined;
  log: Logger;
}

/**
 * Creates the buckets with their access policy, and the users of the services. Idempotent. A store without MinIO's user
 * administration is reported: its services need credentials that exist there.
 *
 * @throws StoreError when a bucket or its public access cannot be created
 */
export async function prepare({ store, admin, buckets, access, ...given }: Preparation): Promise<void> {
  const policies = [
    { bucket: buckets.source, access },
    // What is published is written by the ingestor alone, whatever the policy.
    { bucket: buckets.processed, access: access === 'public' ? 'public-read' : access },
  ] as const;
  for (const { bucket, access } of policies) {
    await store.createBucket(bucket);
    await store.setAccess(bucket, access).catch((error) => {
      // Some S3 servers have no policies. A bucket without one is private.
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
