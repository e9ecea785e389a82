import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { callMinio, type MinioAccess } from './minio-client.ts';

/** MinIO's own interface for administrators: users and what they may do. Other S3 servers have none like it. */
export interface MinioAdmin {
  /**
   * Makes a user who may do what `policy` says, or gives one who is there the secret and the policy.
   *
   * @param policy a document in S3's policy language
   * @throws StoreError access_denied, unavailable, timeout
   */
  putUser(accessKey: string, secretKey: string, policy: object): Promise<void>;
}

/**
 * @param access an administrator's
 * @param deadlineMs of each request
 */
export function minioAdmin(access: MinioAccess, deadlineMs?: number): MinioAdmin {
  /** The interface looks like objects of a bucket called `minio`, and requests are signed the same way. */
  async function put(call: string, parameters: Record<string, string>, body: string | Buffer): Promise<void> {
    const query = new URLSearchParams(parameters);
    query.sort();
    const request = {
      method: 'PUT',
      bucketName: 'minio',
      objectName: `admin/v3/${call}`,
      query: query.toString(),
    };
    await callMinio(
      access,
      `minio/${call}`,
      (client) => client.makeRequestAsyncOmit(request, body, [200], 'us-east-1'),
      deadlineMs,
    );
  }

  return {
    async putUser(accessKey, secretKey, policy) {
      const name = `landfall-${accessKey}`;
      await put('add-canned-policy', { name }, JSON.stringify(policy));
      const user = JSON.stringify({ secretKey, status: 'enabled' });
      await put('add-user', { accessKey }, encrypt(access.secretKey, user));
      await put(
        'set-user-or-group-policy',
        { policyName: name, userOrGroup: accessKey, isGroup: 'false' },
        '',
      );
    },
  };
}

/** How a body with a secret in it is marked that was encrypted with a key by PBKDF2. */
const PBKDF2_AES_GCM = 0x02;
const PBKDF2_ROUNDS = 8192;
/** A longer body would be more than one fragment. Bytes. */
const FRAGMENT = 16 * 1024;

/**
 * Encrypts a body as MinIO's administration wants it (madmin-go, encrypt.go): salt, kind, nonce and one fragment of
 * sio-go's format. The kind is the one of FIPS mode, which every server reads.
 */
function encrypt(secret: string, body: string): Buffer {
  if (Buffer.byteLength(body) > FRAGMENT) throw new RangeError('the body is too long');
  const [salt, nonce] = [randomBytes(32), randomBytes(8)];
  const key = pbkdf2Sync(secret, salt, PBKDF2_ROUNDS, 32, 'sha256');
  const [start] = seal(key, nonce, 0, Buffer.alloc(0), '');
  const isLast = Buffer.from([0x80]);
  const [tag, sealed] = seal(key, nonce, 1, Buffer.concat([isLast, start]), body);
  return Buffer.concat([salt, Buffer.from([PBKDF2_AES_GCM]), nonce, sealed, tag]);
}

/** AES-256-GCM of one fragment; its number completes the nonce. */
function seal(
  key: Buffer,
  nonce: Buffer,
  number: number,
  context: Buffer,
  text: string,
): [tag: Buffer, sealed: Buffer] {
  const counter = Buffer.alloc(4);
  counter.writeUInt32LE(number);
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.concat([nonce, counter])).setAAD(context);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return [cipher.getAuthTag(), sealed];
}
