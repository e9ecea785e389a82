import { Client, InvalidObjectNameError, S3Error } from 'minio';
import pMap from 'p-map';
import { type BucketAccess, bucketPolicy } from './bucket-policy.ts';
import type { ObjectStore, ObjectVersion, ReadObject } from './object-store.ts';
import { isObjectFault, StoreError, type StoreErrorCode } from './object-store.ts';
import { storeErrorCode } from './s3-errors.ts';
import { type ListingPage, listingQuery, parseListing } from './s3-listing.ts';
import { s3Requests } from './s3-requests.ts';

/** Where an S3 server is and who asks. */
export interface MinioAccess {
  /** A URL: scheme, host and port. */
  endpoint: string;
  accessKey: string;
  secretKey: string;
}

/** What S3 has beside the port. */
export interface MinioStore extends ObjectStore {
  /**
   * Says who may use a bucket without credentials.
   *
   * @throws StoreError bucket_not_found, access_denied, unavailable
   */
  setAccess(bucket: string, access: BucketAccess): Promise<void>;
}

/** An object store on MinIO or any S3-compatible server. */
export function minioStore(access: MinioAccess): MinioStore {
  const client = new Client(clientOptions(access));
  const requests = s3Requests(access.endpoint, access, (bucket) =>
    translated(bucket, '', () => client.getBucketRegionAsync(bucket)),
  );

  return {
    async *list(bucket, prefix = '') {
      let coming: Promise<ListingPage> | undefined = listPage(bucket, prefix, undefined);
      while (coming) {
        const { objects, next }: ListingPage = await coming;
        // The server makes the next page while this one is worked on.
        coming = next === undefined ? undefined : listPage(bucket, prefix, next);
        coming?.catch(() => undefined);
        yield objects;
      }
    },

    read,

    async readEach(bucket, objects, { maxBytes, concurrency }, onRead) {
      await pMap(
        objects,
        async ({ key }) => {
          const object = await read(bucket, key, maxBytes).catch((error) => {
            if (error instanceof StoreError && isObjectFault(error)) return error;
            throw error;
          });
          onRead(key, object);
        },
        { concurrency },
      );
    },

    async head(bucket, key) {
      try {
        return await requests.send({ method: 'HEAD', bucket, key }, async ({ headers, body }) => {
          await body.dump();
          return versionOf(headers);
        });
      } catch (error) {
        // A HEAD's answer has no body that would tell a missing object from one that can't be.
        if (error instanceof StoreError && error.code === 'not_found') return undefined;
        throw error;
      }
    },

    open: (bucket, key) =>
      requests.send({ method: 'GET', bucket, key }, async ({ headers, body }) => {
        // Whoever reads it hears of errors; destroyed unread it would throw one at nobody.
        body.on('error', () => undefined);
        return { ...versionOf(headers), body };
      }),

    put: (bucket, key, content) =>
      requests.send({ method: 'PUT', bucket, key, content }, async ({ headers, body }) => {
        await body.dump();
        const size = content instanceof Uint8Array ? content.length : content.size;
        return { size, etag: versionOf(headers).etag };
      }),

    honorsConditions: async () => false,

    async copy(bucket, from, to) {
      await translated(bucket, from, () => client.copyObject(bucket, to, `/${bucket}/${from}`));
      const { size, etag } = await translated(bucket, to, () => client.statObject(bucket, to));
      return { size, etag };
    },

    async remove(bucket, key) {
      await translated(bucket, key, () => client.removeObject(bucket, key));
    },

    async createBucket(bucket) {
      await translated(bucket, '', async () => {
        if (!(await client.bucketExists(bucket))) await client.makeBucket(bucket);
      });
    },

    async setAccess(bucket, access) {
      await translated(bucket, '', () => client.setBucketPolicy(bucket, bucketPolicy(bucket, access)));
    },
  };

  /** Not by the client's own listing: it misreads keys with a `+`, a `%` or a quote (docs/decisions). */
  function listPage(bucket: string, prefix: string, token: string | undefined): Promise<ListingPage> {
    const query = listingQuery(prefix, token);
    return requests.send({ method: 'GET', bucket, query }, async ({ body }) =>
      parseListing(await body.text()),
    );
  }

  function read(bucket: string, key: string, maxBytes: number): Promise<ReadObject> {
    return requests.send({ method: 'GET', bucket, key }, async ({ headers, body }) => {
      const version = versionOf(headers);
      if (version.size <= maxBytes) return { ...version, bytes: await body.bytes() };
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of body) {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= maxBytes) break;
      }
      return { ...version, bytes: Buffer.concat(chunks).subarray(0, maxBytes) };
    });
  }
}

function versionOf(headers: Record<string, string | string[] | undefined>): ObjectVersion {
  const etag = String(headers.etag ?? '').replaceAll('"', '');
  return { size: Number(headers['content-length'] ?? 0), etag };
}

/** An access in the client's terms. */
export function clientOptions({ endpoint, accessKey, secretKey }: MinioAccess) {
  const url = new URL(endpoint);
  const useSSL = url.protocol === 'https:';
  const endPoint = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { endPoint, port: Number(url.port || (useSSL ? 443 : 80)), useSSL, accessKey, secretKey };
}

/** Makes a call, and an error of it one of this port. */
export async function translated<T>(bucket: string, key: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const code = codeOf(error);
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError(code, `${bucket}/${key}: ${why}`, { cause: error });
  }
}

function codeOf(error: unknown): StoreErrorCode {
  if (error instanceof InvalidObjectNameError) return 'invalid_key';
  return error instanceof S3Error ? storeErrorCode(error.code ?? '') : 'unavailable';
}
