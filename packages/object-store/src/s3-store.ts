import pMap from 'p-map';
import type { ObjectHead, ObjectStore, ObjectVersion, ReadObject, VersionedKey } from './object-store.ts';
import { isObjectFault, StoreError } from './object-store.ts';
import { type BucketAccess, bucketPolicy } from './s3/bucket-policy.ts';
import { bucketRegions, createBucket, setBucketPolicy } from './s3/buckets.ts';
import { conditionHeaders, probeConditions } from './s3/conditions.ts';
import { copyObject } from './s3/copy.ts';
import { listPages } from './s3/listing/list-pages.ts';
import { listingQuery, parseListing } from './s3/listing/parse-listing.ts';
import type { S3Access } from './s3/minio-client.ts';
import { openObject } from './s3/open.ts';
import { S3_DEADLINES, type S3Deadlines } from './s3/requests/deadlines.ts';
import { MAX_PAGE_BYTES, readBytes, readFirst } from './s3/requests/read-body.ts';
import { s3Requests } from './s3/requests/requests.ts';
import { etagFrom, headerValue, headOf, isServerEtag, versionOf } from './s3/requests/version.ts';

export type { S3Access } from './s3/minio-client.ts';

/** The S3 store, with what is beyond the port. */
export interface S3Store extends ObjectStore {
  /**
   * Sets who can access a bucket without credentials.
   *
   * @throws StoreError bucket_not_found, access_denied, unavailable, timeout
   */
  setAccess(bucket: string, access: BucketAccess): Promise<void>;
}

/** Options of the S3 store. */
export interface S3StoreOptions {
  /** Called once per listing with irregularities that were corrected. */
  onWarning?: (message: string) => void;
  deadlines?: S3Deadlines;
  /** Called before each repeated request. */
  onRetry?: () => void;
}

/** An object store on MinIO or another S3 server. Its answers are verified (docs/architecture.md, "Guarantees"). */
export function s3Store(
  access: S3Access,
  { onWarning = () => undefined, deadlines = S3_DEADLINES, onRetry }: S3StoreOptions = {},
): S3Store {
  const { send } = s3Requests(access, access, (...request) => regionOf(...request), deadlines, onRetry);
  const regionOf = bucketRegions(send);

  const store: S3Store = {
    list: (bucket, prefix = '') =>
      listPages((token) => listPage(bucket, prefix, token), {
        name: bucket,
        prefix,
        onRepeated: (count) => onWarning(`the listing of ${bucket} repeats ${count} keys: they were skipped`),
      }),

    read,

    async readEach(bucket, objects, { maxBytes, concurrency }, onRead) {
      await pMap(
        objects,
        async (listed) => {
          const object = await readListed(bucket, listed, maxBytes).catch((error) => {
            if (error instanceof StoreError && isObjectFault(error)) return error;
            throw error;
          });
          onRead(listed.key, object);
        },
        { concurrency },
      );
    },

    head,

    open: (bucket, key, range) => openObject(send, bucket, key, range),

    async put(bucket, key, content, condition) {
      const size = content instanceof Uint8Array ? content.length : content.size;
      const request = { method: 'PUT', bucket, key, content, ...conditionHeaders(condition) } as const;
      const etag = await send(request, async (answer) => {
        await answer.body.dump();
        return etagFrom(headerValue(answer.headers.etag), Number.NaN, answer);
      });
      return isServerEtag(etag) ? { size, etag } : await written(bucket, key, size);
    },

    supportsConditions: (bucket) => probeConditions(store, bucket),

    async copy(bucket, from, to) {
      await copyObject(send, bucket, from, to, deadlines.copyMs);
      return await written(bucket, to);
    },

    async remove(bucket, key) {
      const remove = send({ method: 'DELETE', bucket, key, purpose: 'write' }, async ({ body }) => {
        await body.dump();
      });
      await remove.catch((error) => {
        if (!(error instanceof StoreError && error.code === 'not_found')) throw error;
      });
    },

    createBucket: (bucket) => createBucket(send, bucket),

    setAccess: (bucket, access) => setBucketPolicy(send, bucket, bucketPolicy(bucket, access)),
  };
  return store;

  /** Reads one page. The MinIO client misreads keys with `+`, `%` or quotes (docs/decisions/0005). */
  function listPage(bucket: string, prefix: string, token: string | undefined) {
    const query = listingQuery(prefix, token);
    return send({ method: 'GET', bucket, query, purpose: 'bucket' }, async (answer) =>
      parseListing(await readBytes(answer.body, MAX_PAGE_BYTES), answer),
    );
  }

  function read(bucket: string, key: string, maxBytes: number): Promise<ReadObject> {
    return send({ method: 'GET', bucket, key, purpose: 'read' }, async (answer) => {
      const version = versionOf(answer, `${bucket}/${key}`);
      // undici checks a body against its Content-Length.
      const bytes =
        version.size <= maxBytes ? await answer.body.bytes() : await readFirst(answer.body, maxBytes);
      return { ...version, bytes };
    });
  }

  async function readListed(bucket: string, listed: VersionedKey, maxBytes: number): Promise<ReadObject> {
    const object = await read(bucket, listed.key, maxBytes).catch((error) => {
      if (error instanceof StoreError && error.code === 'not_found') throw missing(bucket, listed.key, error);
      throw error;
    });
    // Another ETag is a newer version. The same ETag with another size is a corrupt body.
    if (object.etag !== listed.etag || object.size === listed.size) return object;
    const sizes = `it has ${object.size} bytes, listed were ${listed.size}, with the same ETag`;
    throw new StoreError('unreadable', `${bucket}/${listed.key}: ${sizes}`);
  }

  /**
   * A HEAD answer has no body, so a 404 could come from a proxy. A GET confirms every HEAD that is not a success.
   */
  async function head(bucket: string, key: string): Promise<ObjectHead | undefined> {
    const name = `${bucket}/${key}`;
    const found = await send({ method: 'HEAD', bucket, key, purpose: 'read' }, async (answer) => {
      await answer.body.dump();
      return answer.status === 200 ? headOf(answer, name) : undefined;
    });
    if (found) return found;
    try {
      return await send({ method: 'GET', bucket, key, purpose: 'read' }, async (answer) => {
        const version = headOf(answer, name);
        await answer.body.dump();
        return version;
      });
    } catch (error) {
      if (error instanceof StoreError && error.code === 'not_found') return undefined;
      throw error;
    }
  }

  /** Returns the version after a write whose answer had no ETag. */
  async function written(bucket: string, key: string, size?: number): Promise<ObjectVersion> {
    const version = await head(bucket, key);
    if (version && (size === undefined || size === version.size))
      return { size: version.size, etag: version.etag };
    throw new StoreError('unavailable', `${bucket}/${key}: what was written is not there`);
  }
}

/**
 * Returns the error for a listed key that does not exist. Servers write U+FFFD for characters that XML cannot
 * represent: the object then exists under another name.
 */
function missing(bucket: string, key: string, error: StoreError): StoreError {
  if (!key.includes('\uFFFD')) return error;
  const why = 'it was listed and is not there: its name may have characters that the listing cannot write';
  return new StoreError('unreadable', `${bucket}/${key}: ${why}`, { cause: error });
}
