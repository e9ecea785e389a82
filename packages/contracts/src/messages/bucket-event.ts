import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { MessageError } from './message-error.ts';

/** Subject of changes in the source bucket. A work queue on the stream `BUCKET`. */
export const BUCKET_EVENTS = 'bucket.events';

/**
 * The used part of an S3 event message (structure version 2). MinIO and other servers send it, and the directory store in the same
 * form. A record without an object means an unknown change.
 */
export const BucketEvent = Type.Object({
  /** MinIO: `<bucket>/<key>`, not encoded. */
  Key: Type.Optional(Type.String()),
  Records: Type.Optional(
    Type.Array(
      Type.Object({
        eventTime: Type.Optional(Type.String({ description: 'ISO 8601' })),
        s3: Type.Object({
          bucket: Type.Object({
            name: Type.String(),
            /** versitygw: `arn:aws:s3:::/<bucket>/<key>`. */
            arn: Type.Optional(Type.String()),
          }),
          object: Type.Optional(Type.Object({ key: Type.String({ description: 'URL-encoded' }) })),
        }),
      }),
    ),
  ),
});
export type BucketEvent = Static<typeof BucketEvent>;
type BucketRecord = NonNullable<BucketEvent['Records']>[number];

/** The changed keys; undefined when they are unknown. */
export type ChangedKeys = readonly string[] | undefined;

/** Returns the event message of a change. */
export function bucketEvent(bucket: string, keys: ChangedKeys): BucketEvent {
  const record = (object?: { key: string }) => ({
    s3: { bucket: { name: bucket }, ...(object && { object }) },
  });
  return { Records: keys ? keys.map((key) => record({ key: encodeURIComponent(key) })) : [record()] };
}

const isBucketEvent = Compile(BucketEvent);

/**
 * Returns the keys of one bucket that a message names. They are hints: a key may not exist, and the kind of change is ignored.
 *
 * @param message of an object store; without keys when it is about other buckets or a test event
 * @throws MessageError when it is not an S3 event message
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

/** When the changes of a message happened, ms since 1970 UTC; none when it does not say, or is not valid. */
export const eventTimes = (message: unknown): number[] =>
  isBucketEvent.Check(message)
    ? (message.Records ?? [])
        .map(({ eventTime = '' }) => Date.parse(eventTime))
        .filter((time) => !Number.isNaN(time))
    : [];

/**
 * Returns the possible keys of a record. S3 and MinIO encode keys like forms, some servers do not, and versitygw sometimes sends the
 * key of the next request, with the right one in the ARN. Checking a key that does not exist is cheap.
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
