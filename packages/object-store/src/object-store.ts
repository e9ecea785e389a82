import type { Readable } from 'node:stream';

/** An entry of a listing. */
export interface ListedObject {
  key: string;
  /** Bytes. */
  size: number;
  /** Opaque. A different value means that the object changed. */
  etag: string;
  /** When it was last written, ms since 1970 UTC. */
  modified: number;
  /** Set only when the entry is not a readable object. */
  fault?: ListingFault;
}

/**
 * Why an entry of a listing cannot be read. A key that ends in `/` is a folder that cannot be listed: its current
 * content is unknown.
 */
export interface ListingFault {
  code: 'unreadable' | 'not_utf8_name' | 'outside_bucket';
  /** The error of the store, without absolute paths. */
  detail: string;
}

/** Size and ETag of an object that was read or written. */
export interface ObjectVersion {
  /** Bytes. */
  size: number;
  etag: string;
}

/** The metadata of an object. */
export interface ObjectHead extends ObjectVersion {
  /** When it was last written, ms since 1970 UTC; undefined when the store does not say. */
  modified?: number;
}

/** A version of an object, as it was listed. */
export interface VersionedKey extends ObjectVersion {
  key: string;
}

/** The whole of a small object, or its first bytes. */
export interface ReadObject extends ObjectVersion {
  /** At most the requested number of bytes; `size` is the size of the object. */
  bytes: Uint8Array;
  /**
   * When it was last written, ms since 1970 UTC. Set only when a writer may not have finished: by the directory
   * store, for a file whose last byte is not a line end.
   */
  modified?: number;
}

/** Limits of a bulk read. */
export interface ReadLimits {
  /** Maximum number of bytes to read of each object. */
  maxBytes: number;
  /** Maximum number of concurrent requests, in stores that send requests. */
  concurrency: number;
}

/** An object to stream. The caller must read or destroy `body`. */
export interface OpenedObject extends ObjectVersion {
  body: Readable;
}

/** A part of one version of an object. */
export interface VersionRange {
  /** ETag of the version. */
  etag: string;
  /** Offset of the first byte. */
  first: number;
  /** Offset of the last byte, in the object and not before `first`. */
  last: number;
}

/** Content to write: bytes in memory, or a stream. */
export type ObjectContent = Uint8Array | StreamedContent;

/** Condition of a put: the key does not exist, or the object has this ETag. Otherwise the put fails. */
export type PutCondition = { absent: true } | { etag: string };

/** Content that is streamed into an object. */
export interface StreamedContent {
  /** Called again for each retry. */
  open: () => Readable;
  /** Bytes. */
  size: number;
  /** Hex, if known. The server then verifies the content it receives. */
  sha256?: string;
}

/**
 * The port to buckets of objects. Its adapters are `directory-store.ts` and `s3-store.ts`; `object-store.contract.ts`
 * tests both. Every method throws only `StoreError`.
 */
export interface ObjectStore {
  /**
   * Lists the objects whose key starts with `prefix`, in pages, in the order of the store. S3 specifies UTF-8 byte
   * order of the keys, but not every server follows it, so the caller must check. An incomplete listing throws.
   *
   * @throws StoreError bucket_not_found, access_denied, unavailable, timeout
   */
  list(bucket: string, prefix?: string): AsyncIterable<readonly ListedObject[]>;

  /**
   * Reads the first `maxBytes` bytes of an object, with the ETag of exactly these bytes.
   *
   * @throws StoreError any code but precondition_failed
   */
  read(bucket: string, key: string, maxBytes: number): Promise<ReadObject>;

  /**
   * Reads many listed objects and passes them on as they arrive, in any order. The version is that of the bytes or an
   * older one, such as the listed one. An object that was written after the listing therefore has another version in
   * the next listing.
   *
   * @param onRead called with each object, or with the error of an object that cannot be read (`isObjectFault`). The
   *   bytes are valid only during the call: the next object may be read into the same memory
   * @throws StoreError on the first error that affects the whole store
   */
  readEach(
    bucket: string,
    objects: readonly VersionedKey[],
    limits: ReadLimits,
    onRead: (key: string, read: ReadObject | StoreError) => void,
  ): Promise<void>;

  /**
   * Returns the metadata of an object without reading it; undefined when it does not exist.
   *
   * @throws StoreError any code but not_found, invalid_key and precondition_failed; bucket_not_found if the store
   *   reports it
   */
  head(bucket: string, key: string): Promise<ObjectHead | undefined>;

  /**
   * Opens an object as a stream. A later error is an error of the stream.
   *
   * @param range the bytes to stream; default: all. `size` is that of the whole object, too
   * @throws StoreError any code; precondition_failed only when the object has another ETag than `range`
   */
  open(bucket: string, key: string, range?: VersionRange): Promise<OpenedObject>;

  /**
   * Writes an object atomically: readers get the old or the new content. The object is durable when the promise
   * resolves.
   *
   * A put can reach the store twice, when the response to the first attempt is lost. A conditional put then fails
   * because of itself: after `precondition_failed`, read the object to find out.
   *
   * @param condition checked atomically; see `supportsConditions`
   * @throws StoreError bucket_not_found, invalid_key, access_denied, unavailable, timeout; precondition_failed when
   *   `condition` does not hold
   */
  put(bucket: string, key: string, content: ObjectContent, condition?: PutCondition): Promise<ObjectVersion>;

  /**
   * Probes whether the store supports conditional puts and ETags. If not, a conditional put always succeeds and
   * protects nothing, or always fails: write without a condition then. Writes and removes a probe object in the
   * bucket.
   *
   * @throws StoreError bucket_not_found, access_denied, unavailable, timeout
   */
  supportsConditions(bucket: string): Promise<boolean>;

  /**
   * Copies an object within the bucket, atomically and inside the store.
   *
   * @throws StoreError not_found, bucket_not_found, invalid_key, access_denied, unavailable, timeout
   */
  copy(bucket: string, from: string, to: string): Promise<ObjectVersion>;

  /**
   * Removes an object. It is not an error if the object does not exist.
   *
   * @throws StoreError bucket_not_found, invalid_key, access_denied, unavailable, timeout
   */
  remove(bucket: string, key: string): Promise<void>;

  /**
   * Creates a bucket. An existing bucket is left unchanged.
   *
   * @throws StoreError access_denied, unavailable, timeout
   */
  createBucket(bucket: string): Promise<void>;
}

/** Error codes of a store: a closed set. */
export type StoreErrorCode =
  | 'not_found'
  | 'bucket_not_found'
  | 'invalid_key'
  | 'access_denied'
  /** This object cannot be read, although the store works: archived, encrypted, wrong size, … */
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
 * Whether an error may affect only the object that was read. `bucket_not_found` and `unavailable` affect the whole
 * store; `access_denied` and `timeout` may affect either, so a bulk reader must check that some objects can be read.
 */
export const isObjectFault = (error: StoreError): boolean => OBJECT_FAULTS.has(error.code);

/** The error for a range of a version that the object does not have any more. @param name of the object */
export const otherVersion = (name: string): StoreError =>
  new StoreError('precondition_failed', `${name} has another version`);

/** The only error that an object store throws. Its `cause` is the error of the library or system. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
