/** The two buckets. */
interface Buckets {
  source: string;
  processed: string;
}

const READ = ['s3:GetObject'];
const LIST = ['s3:GetBucketLocation', 's3:ListBucket'];
const WRITE = ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];

/** Policy of the query service: read both buckets (S3 policy language, version 2012-10-17). */
export function queryPolicy({ source, processed }: Buckets): object {
  return policy(allow(LIST, [source, processed]), allow(READ, [`${source}/*`, `${processed}/*`]));
}

/** Policy of the ingestor: read both buckets, write the processed one. */
export function ingestorPolicy({ source, processed }: Buckets): object {
  return policy(
    allow(LIST, [source, processed]),
    allow(READ, [`${source}/*`, `${processed}/*`]),
    allow(WRITE, [`${processed}/*`]),
  );
}

const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const allow = (Action: string[], resources: string[]) => ({
  Effect: 'Allow',
  Action,
  Resource: resources.map((resource) => `arn:aws:s3:::${resource}`),
});
