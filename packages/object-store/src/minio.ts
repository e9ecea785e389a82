import { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Client, InvalidObjectNameError, S3Error } from 'minio';
import { type BucketAccess, bucketPolicy } from './bucket-policy.ts';
import type { ObjectStore } from './object-store.ts';
import { StoreError, type StoreErrorCode } from './object-store.ts';
import { listingQuery, parseListing } from './s3-listing.ts';

/** Where an S3 server is and who asks. */
export interface MinioAccess {
  /** A URL: scheme, host and port. */
  endpoint: string;
  accessKey: string;
  secretKey: string;
}

/** Above it the client uploads in parts of this size, and holds no more than one in memory. Bytes. */
const PART_SIZE = 16 * 1024 * 1024;

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
  const client = new Client({ ...clientOptions(access), partSize: PART_SIZE });

  return {
    async *list(bucket, prefix = '') {
      let token: string | undefined;
      do {
        const page = await listPage(bucket, prefix, token);
        yield page.objects;
        token = page.next;
      } while (token !== undefined);
    },

    async read(bucket, key, maxBytes) {
      const { body, ...version } = await open(bucket, key);
      const chunks: Buffer[] = [];
      let length = 0;
      await translated(bucket, key, async () => {
        for await (const chunk of body) {
          chunks.push(chunk);
          length += Buffer.byteLength(chunk);
          if (length >= maxBytes) break;
        }
      });
      return { ...version, bytes: Buffer.concat(chunks).subarray(0, maxBytes) };
    },

    open,

    async put(bucket, key, content) {
      const [body, size] =
        content instanceof Uint8Array
          ? [Buffer.from(content.buffer, content.byteOffset, content.byteLength), content.byteLength]
          : [content.stream, content.size];
      const { etag } = await translated(bucket, key, () => client.putObject(bucket, key, body, size));
      return { size, etag };
    },

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
  function listPage(bucket: string, prefix: string, token: string | undefined) {
    return translated(bucket, prefix, async () => {
      const query = listingQuery(prefix, token);
      const answer = await client.makeRequestAsync({ method: 'GET', bucketName: bucket, query });
      return parseListing(await text(answer));
    });
  }

  async function open(bucket: string, key: string) {
    const body = await translated(bucket, key, () => client.getObject(bucket, key));
    if (!(body instanceof IncomingMessage)) throw new StoreError('unavailable', 'an answer without headers');
    const etag = (body.headers.etag ?? '').replaceAll('"', '');
    return { size: Number(body.headers['content-length'] ?? 0), etag, body };
  }
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

/** S3's error codes in this port's terms; whatever is not known may pass, so it is `unavailable`. */
function codeOf(error: unknown): StoreErrorCode {
  if (error instanceof InvalidObjectNameError) return 'invalid_key';
  if (!(error instanceof S3Error)) return 'unavailable';
  switch (error.code) {
    case 'NoSuchKey':
    case 'NotFound':
      return 'not_found';
    case 'NoSuchBucket':
      return 'bucket_not_found';
    case 'KeyTooLongError':
    case 'XMinioInvalidObjectName':
      return 'invalid_key';
    case 'AccessDenied':
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
      return 'access_denied';
    default:
      return 'unavailable';
  }
}
