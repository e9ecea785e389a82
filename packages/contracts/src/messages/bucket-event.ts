import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { MessageError } from './message-error.ts';

/** What an object store tells about changes in the source bucket. Kept on the queue `BUCKET` until it is taken. */
export const BUCKET_EVENTS = 'bucket.events';

/**
 * S3's event message (structure version 2), as far as it matters here: MinIO's and other servers', and, of the same
 * form, the directory store's. A record without an object says that something has changed, and not what.
 */
const BucketEvent = Type.Object({
  /** Of MinIO: `<bucket>/<key>`, not encoded. */
  Key: Type.Optional(Type.String()),
  Records: Type.Optional(
    Type.Array(
      Type.Object({
        s3: Type.Object({
          bucket: Type.Object({
            name: Type.String(),
            /** Of versitygw: `arn:aws:s3:::/<bucket>/<key>`. */
            arn: Type.Optional(Type.String()),
          }),
          object: Type.Optional(Type.Object({ key: Type.String({ description: 'URL-encoded' }) })),
        }),
      }),
    ),
  ),
});
type BucketEvent = Static<typeof BucketEvent>;
type BucketRecord = NonNullable<BucketEvent['Records']>[number];

/** What has changed in a bucket: certain keys, or, undefined, nobody knows what. */
export type ChangedKeys = readonly string[] | undefined;

/** The message that says so. */
export function bucketEvent(bucket: string, keys: ChangedKeys): BucketEvent {
  const record = (object?: { key: string }) => ({
    s3: { bucket: { name: bucket }, ...(object && { object }) },
  });
  return { Records: keys ? keys.map((key) => record({ key: encodeURIComponent(key) })) : [record()] };
}

const isBucketEvent = Compile(BucketEvent);

/**
 * Reads what a message says of one bucket. A hint only: a key may be named that was never there, and none is trusted
 * for what became of it.
 *
 * @param message of an object store; one about other buckets, or a greeting, names no keys
 * @throws MessageError when it is no such message
 */
export function parseBucketEvent(message: unknown, bucket: string): ChangedKeys {
  if (!isBucketEvent.Check(message)) {
    const fault = isBucketEvent.Errors(message)[0]?.message ?? '';
    throw new MessageError(`a message on ${BUCKET_EVENTS} is not valid: ${fault}`);
  }
  const records = (message.Records ?? []).filter(({ s3 }) => s3.bucket.name === bucket);
  if (records.some(({ s3 }) => s3.object === undefined)) return undefined;
  const [only] = records;
  const plain = message.Key?.startsWith(`${bucket}/`) ? message.Key.slice(bucket.length + 1) : undefined;
  if (only && records.length === 1 && plain !== undefined) return [plain];
  return records.flatMap(keysOf);
}

/**
 * A record's key. S3 and MinIO encode it as a form does; there are servers that do not. versitygw now and then names the
 * key of the next request, and the right one in the ARN only. Where that makes a difference all are named: a key that is
 * not there costs one look.
 */
function keysOf({ s3: { bucket, object } }: BucketRecord): string[] {
  const key = object?.key ?? '';
  const start = `:/${bucket.name}/`;
  const at = bucket.arn?.indexOf(start) ?? -1;
  const written = at === -1 ? [key] : [key, bucket.arn?.slice(at + start.length) ?? key];
  return [...new Set(written.flatMap((each) => [decode(each) ?? each, each]))];
}

function decode(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return undefined; // A % that encodes nothing.
  }
}
