/** Anonymous access to a bucket: none, read, read and write. */
export type BucketAccess = 'private' | 'public-read' | 'public';

const READ = { bucket: ['s3:GetBucketLocation', 's3:ListBucket'], objects: ['s3:GetObject'] };
const WRITE = { bucket: [], objects: ['s3:PutObject', 's3:DeleteObject'] };

/**
 * Returns the bucket policy for an access level (policy language version 2012-10-17).
 *
 * @returns JSON; empty for `private`, which means no policy
 */
export function bucketPolicy(bucket: string, access: BucketAccess): string {
  if (access === 'private') return '';
  const rights = access === 'public' ? [READ, WRITE] : [READ];
  const statement = (Action: string[], resource: string) => ({
    Effect: 'Allow',
    Principal: { AWS: ['*'] },
    Action,
    Resource: [`arn:aws:s3:::${resource}`],
  });
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      statement(
        rights.flatMap((right) => right.bucket),
        bucket,
      ),
      statement(
        rights.flatMap((right) => right.objects),
        `${bucket}/*`,
      ),
    ],
  });
}
