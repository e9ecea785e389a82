import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { callMinio, type S3Access } from './minio-client.ts';

/** MinIO's administration API: users and their policies. Other S3 servers do not have it. */
export interface MinioAdmin {
  /**
   * Creates a user with a policy, or updates the secret and policy of an existing user.
   *
   * @param policy a document in S3's policy language
   * @throws StoreError access_denied, unavailable, timeout
   */
  putUser(accessKey: string, secretKey: string, policy: object): Promise<void>;
}

/**
 * @param access credentials of an administrator
 * @param deadlineMs of each request
 */
export function minioAdmin(access: S3Access, deadlineMs?: number): MinioAdmin {
  /** The API looks like objects of a bucket `minio`; requests are signed in the same way. */
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

/** Marks a body that is encrypted with a PBKDF2 key. */
const PBKDF2_AES_GCM = 0x02;
const PBKDF2_ROUNDS = 8192;
/** Maximum size of one fragment, bytes. */
const FRAGMENT = 16 * 1024;

/**
 * Encrypts a body for MinIO's administration API (madmin-go, encrypt.go): salt, kind, nonce, and one fragment in
 * sio-go's format. The kind is that of FIPS mode, which every server accepts.
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

/** Encrypts one fragment with AES-256-GCM; its number is part of the nonce. */
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
