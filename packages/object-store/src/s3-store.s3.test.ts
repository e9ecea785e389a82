import {
  ownS3IsMissing,
  s3IsMissing,
  startOwnS3,
  startS3,
  type TestS3,
  uniqueBucket,
} from '@landfall/test-servers/s3-server';
import t from 'tap';
import { list, objectStoreContract } from './object-store.contract.ts';
import { s3Store } from './s3-store.ts';

const skip = s3IsMissing() ?? false;

/** versitygw ignores `encoding-type`, and XML cannot carry these: U+FFFD stands for them. */
const UNLISTABLE = process.env.MINIO_ENDPOINT ? [] : ['bell\u0007.csv', '\uffff.csv'];

t.test('the contract of object stores, over the wire', { skip }, async (t) => {
  const server = await startS3();
  t.teardown(server.stop);
  objectStoreContract(t, () => makeBucket(server));
});

t.test('a wrong secret is an error', { skip }, async (t) => {
  const server = await startS3();
  t.teardown(server.stop);
  const { bucket } = await makeBucket(server);
  const store = s3Store({ ...server, secretKey: 'not-the-secret' });
  await t.rejects(list(store, bucket), { name: 'StoreError', code: 'access_denied' });
  await t.rejects(store.read(bucket, 'a', 1), { name: 'StoreError', code: 'access_denied' });
  await t.rejects(store.put(bucket, 'a', Buffer.from('x')), { name: 'StoreError', code: 'access_denied' });
});

t.test('a server that is unreachable and comes back', { skip: ownS3IsMissing() ?? false }, async (t) => {
  const server = await startOwnS3();
  t.teardown(server.stop);
  const { store, bucket } = await makeBucket(server);
  await store.put(bucket, 'a', Buffer.from('kept'));
  await server.kill();
  await t.rejects(store.read(bucket, 'a', 10), { name: 'StoreError', code: 'unavailable' });
  await t.rejects(list(store, bucket), { name: 'StoreError', code: 'unavailable' });
  await server.restart();
  t.equal(Buffer.from((await store.read(bucket, 'a', 10)).bytes).toString(), 'kept');
});

async function makeBucket(server: TestS3) {
  const store = s3Store(server);
  const bucket = uniqueBucket('contract');
  await store.createBucket(bucket);
  return { store, bucket, bucketNotFound: uniqueBucket('absent'), unlistableKeys: UNLISTABLE };
}
