import type { Readable } from 'node:stream';

/** What a listing says of an object. */
export interface ListedObject {
  key: string;
  /** Bytes. */
  size: number;
  /** Opaque; another one means that the object changed. */
  etag: string;
  /** When it was last written, ms since 1970 UTC. */
  modified: number;
  /** Only of an entry that is not a readable object. */
  fault?: ListingFault;
}

/**
 * Why an entry of a listing cannot be read. A key that ends in `/` is a folder: nothing below it is listed, and
 * nothing is known about what it holds now.
 */
export interface ListingFault {
  code: 'unreadable' | 'not_utf8_name' | 'outside_bucket';
  /** What the store said, without absolute paths. */
  detail: string;
}

/** What is known of an object once it was read or written. */
export interface ObjectVersion {
  /** Bytes. */
  size: number;
  etag: string;
}

/** An object in a version that was seen. */
export interface VersionedKey extends ObjectVersion {
  key: string;
}

/** The whole of a small object, or its first bytes. */
export interface ReadObject extends ObjectVersion {
  /** At most as many bytes as were asked for; `size` says how many there are. */
  bytes: Uint8Array;
  /**
   * When it was last written, ms since 1970 UTC. Set only where a writer may still be at work on the object: by the
   * directory store, for a file whose last byte is not a line end.
   */
  modified?: number;
}

/** How objects are read in bulk. */
export interface ReadLimits {
  /** Of each object so many bytes are read at most. */
  maxBytes: number;
  /** So many requests are under way at most, where there are requests. */
  concurrency: number;
}

/** An object to be streamed. Whoever opens it reads or destroys `body`. */
export interface OpenedObject extends ObjectVersion {
  body: Readable;
}

/** What is written: bytes in memory, or what is streamed. */
export type ObjectContent = Uint8Array | StreamedContent;

/** A put that is refused unless it holds: no object has the key, or the object has this ETag. */
export type PutCondition = { absent: true } | { etag: string };

/** What is streamed into an object. */
export interface StreamedContent {
  /** Called again when it has to be sent again. */
  open: () => Readable;
  /** Bytes. */
  size: number;
  /** Hex, where it is known: a server that is told checks what arrives. */
  sha256?: string;
}

/**
 * Buckets of objects, the source bucket's and the processed bucket's. Two adapters: `directory.ts` and
 * `minio.ts`; `object-store.contract.ts` is what both have to do. Every method throws only `StoreError`.
 */
export interface ObjectStore {
  /**
   * Every object of the bucket whose key starts with `prefix`, in pages, in the order of the store. S3 promises the byte
   * order of the keys in UTF-8, but not every server keeps to it: the caller checks. A listing that can't be finished
   * throws; it is never silently cut short.
   *
   * @throws StoreError bucket_not_found, access_denied, unavailable, timeout
   */
  list(bucket: string, prefix?: string): AsyncIterable<readonly ListedObject[]>;

  /**
   * The first `maxBytes` bytes of an object, with the ETag that belongs to just these bytes.
   *
   * @throws StoreError any code but precondition_failed
   */
  read(bucket: string, key: string, maxBytes: number): Promise<ReadObject>;

  /**
   * Reads many objects that were listed, and hands them on in whatever order they come. The version that comes with the
   * bytes is theirs or an older one, the listed one say: what was written since the listing is another version at the
   * next look.
   *
   * @param onRead is lent the bytes: the next object may be read into the same memory. For an object that cannot be
   *   read it gets the error instead: `not_found`, or any code for which `isObjectFault` holds
   * @throws StoreError at the first error that concerns the whole store
   */
  readEach(
    bucket: string,
    objects: readonly VersionedKey[],
    limits: ReadLimits,
    onRead: (key: string, read: ReadObject | StoreError) => void,
  ): Promise<void>;

  /**
   * What is known of an object without reading it; undefined when it is not there.
   *
   * @throws StoreError any code but not_found, invalid_key and precondition_failed; bucket_not_found where it can be told
   */
  head(bucket: string, key: string): Promise<ObjectVersion | undefined>;

  /**
   * An object as a stream; an error on the way is the stream's.
   *
   * @throws StoreError any code but precondition_failed
   */
  open(bucket: string, key: string): Promise<OpenedObject>;

  /**
   * Puts an object, in one step: a reader finds the old one or the new one, whole. Once it resolves the
   * object is durable.
   *
   * A put may reach the store twice, when the answer to the first attempt is lost. One with a condition then refuses
   * itself: after `precondition_failed`, read the object to see whether it is the one that was put.
   *
   * @param condition checked in the same step; see `honorsConditions`
   * @throws StoreError bucket_not_found, invalid_key, access_denied, unavailable, timeout; precondition_failed when
   *   `condition` does not hold
   */
  put(bucket: string, key: string, content: ObjectContent, condition?: PutCondition): Promise<ObjectVersion>;

  /**
   * Probes whether the store checks the conditions of a put and gives ETags. Where it does not, a conditional put
   * succeeds always and protects nothing, or fails always: put without a condition there. Writes and removes an object of its own in the bucket.
   *
   * @throws StoreError bucket_not_found, access_denied, unavailable, timeout
   */
  honorsConditions(bucket: string): Promise<boolean>;

  /**
   * Puts the same bytes under another key of the bucket, in one step, without their passing through here.
   *
   * @throws StoreError not_found, bucket_not_found, invalid_key, access_denied, unavailable, timeout
   */
  copy(bucket: string, from: string, to: string): Promise<ObjectVersion>;

  /**
   * Removes an object; one that is not there is no error.
   *
   * @throws StoreError bucket_not_found, invalid_key, access_denied, unavailable, timeout
   */
  remove(bucket: string, key: string): Promise<void>;

  /**
   * Makes a bucket; one that is there is left as it is.
   *
   * @throws StoreError access_denied, unavailable, timeout
   */
  createBucket(bucket: string): Promise<void>;
}

/** The closed set of what can go wrong with a store. */
export type StoreErrorCode =
  | 'not_found'
  | 'bucket_not_found'
  | 'invalid_key'
  | 'access_denied'
  /** This object cannot be read, whatever the store does for others: archived, encrypted, of a wrong size, … */
  | 'unreadable'
  /** A link of a directory store leads out of the bucket's folder. */
  | 'outside_bucket'
  | 'precondition_failed'
  /** No answer within the deadline. */
  | 'timeout'
  | 'unavailable';

const OBJECT_FAULTS: ReadonlySet<StoreErrorCode> = new Set([
  'not_found',
  'invalid_key',
  'access_denied',
  'unreadable',
  'outside_bucket',
  'timeout',
]);

/**
 * Whether an error of reading one object may concern that object alone. `bucket_not_found` and `unavailable` concern
 * the whole store. `access_denied` and `timeout` may: whoever reads many objects checks whether any can be read.
 */
export const isObjectFault = (error: StoreError): boolean => OBJECT_FAULTS.has(error.code);

/** The only error an object store throws; the vendor's own is its `cause`. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
