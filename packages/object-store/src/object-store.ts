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
   * Every object of the bucket whose key starts with `prefix`, in pages, in UTF-8 byte order of the keys. A
   * listing that can't be finished throws; it is never silently cut short.
   *
   * @throws StoreError bucket_not_found, access_denied, unavailable
   */
  list(bucket: string, prefix?: string): AsyncIterable<readonly ListedObject[]>;

  /**
   * The first `maxBytes` bytes of an object, with the ETag that belongs to just these bytes.
   *
   * @throws StoreError not_found, bucket_not_found, invalid_key, access_denied, unavailable
   */
  read(bucket: string, key: string, maxBytes: number): Promise<ReadObject>;

  /**
   * Reads many objects that were listed, and hands them on in whatever order they come. The version that comes with the
   * bytes is theirs or an older one, the listed one say: what was written since the listing is another version at the
   * next look.
   *
   * @param onRead is lent the bytes: the next object may be read into the same memory. It gets undefined for an object
   *   that is not there
   * @throws StoreError as `read`, at the first object that can't be read for another reason
   */
  readEach(
    bucket: string,
    objects: readonly VersionedKey[],
    limits: ReadLimits,
    onRead: (key: string, read: ReadObject | undefined) => void,
  ): Promise<void>;

  /**
   * What is known of an object without reading it; undefined when it is not there.
   *
   * @throws StoreError bucket_not_found (where it can be told), access_denied, unavailable
   */
  head(bucket: string, key: string): Promise<ObjectVersion | undefined>;

  /**
   * An object as a stream; an error on the way is the stream's.
   *
   * @throws StoreError not_found, bucket_not_found, invalid_key, access_denied, unavailable
   */
  open(bucket: string, key: string): Promise<OpenedObject>;

  /**
   * Puts an object, in one step: a reader finds the old one or the new one, whole. Once it resolves the
   * object is durable.
   *
   * @throws StoreError bucket_not_found, invalid_key, access_denied, unavailable
   */
  put(bucket: string, key: string, content: ObjectContent): Promise<ObjectVersion>;

  /**
   * Puts the same bytes under another key of the bucket, in one step, without their passing through here.
   *
   * @throws StoreError not_found, bucket_not_found, invalid_key, access_denied, unavailable
   */
  copy(bucket: string, from: string, to: string): Promise<ObjectVersion>;

  /**
   * Removes an object; one that is not there is no error.
   *
   * @throws StoreError bucket_not_found, invalid_key, access_denied, unavailable
   */
  remove(bucket: string, key: string): Promise<void>;

  /**
   * Makes a bucket; one that is there is left as it is.
   *
   * @throws StoreError access_denied, unavailable
   */
  createBucket(bucket: string): Promise<void>;
}

/** The closed set of what can go wrong with a store. */
export type StoreErrorCode =
  | 'not_found'
  | 'bucket_not_found'
  | 'invalid_key'
  | 'access_denied'
  | 'unavailable';

/** The only error an object store throws; the vendor's own is its `cause`. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
