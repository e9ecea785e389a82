import type { ListedObject } from '@landfall/object-store/object-store';
import { minioAdmin } from '@landfall/object-store/s3/minio-admin';
import { s3Store } from '@landfall/object-store/s3-store';
import { makeLogger } from '@landfall/process/logger';
import {
  ownS3IsMissing,
  s3IsMissing,
  startOwnS3,
  startS3,
  uniqueBucket,
} from '@landfall/test-servers/s3-server';
import t from 'tap';
import { type Preparation, prepare } from './prepare.ts';

const skip = s3IsMissing() ?? false;

t.test('buckets are created with the requested access, over the wire', { skip }, async (t) => {
  const server = await startS3();
  t.teardown(server.stop);
  const store = s3Store(server);
  const buckets = { source: uniqueBucket('source'), processed: uniqueBucket('processed') };
  const preparation: Preparation = {
    store,
    admin: minioAdmin(server),
    buckets,
    access: 'private',
    ingestor: undefined,
    query: undefined,
    log: makeLogger('test', 'silent'),
  };
  const anonymous = async (bucket: 'source' | 'processed', method: string, key = 'a.csv') => {
    const target = `${server.endpoint}/${buckets[bucket]}/${key}`;
    const { status } = await fetch(target, method === 'PUT' ? { method, body: 'x' } : { method });
    return status < 300;
  };
  /** What somebody without credentials may do. */
  const rights = async () => ({
    source: [await anonymous('source', 'GET'), await anonymous('source', 'PUT', 'new.csv')],
    processed: [
      await anonymous('processed', 'GET'),
      await anonymous('processed', 'PUT'),
      await anonymous('processed', 'PUT', 'new.csv'),
      await anonymous('processed', 'DELETE'),
    ],
  });
  const [none, read] = [
    [false, false, false, false],
    [true, false, false, false],
  ];

  await prepare(preparation);
  for (const bucket of Object.values(buckets)) await store.put(bucket, 'a.csv', Buffer.from('a'));
  t.same(await rights(), { source: [false, false], processed: none }, 'private');
  await prepare({ ...preparation, access: 'public-read' });
  t.same(await rights(), { source: [true, false], processed: read }, 'public-read');
  await prepare({ ...preparation, access: 'public' });
  t.same(
    await rights(),
    { source: [true, true], processed: read },
    'public never opens what is published to writing',
  );
  await prepare(preparation);
  t.same(await rights(), { source: [false, false], processed: none }, 'and private again');

  const objects: ListedObject[] = [];
  for await (const page of store.list(buckets.source)) objects.push(...page);
  t.same(objects.map(({ key }) => key).sort(), ['a.csv', 'new.csv'], 'existing objects stay');
});

t.test(
  'a store without MinIO’s administration is reported, and is no failure',
  { skip: ownS3IsMissing() ?? false },
  async (t) => {
    const server = await startOwnS3();
    t.teardown(server.stop);
    const warnings: string[] = [];
    const log = makeLogger('test', 'silent');
    log.warn = (_: unknown, message?: string) => void warnings.push(message ?? '');
    await prepare({
      store: s3Store(server),
      admin: minioAdmin(server),
      buckets: { source: uniqueBucket('source'), processed: uniqueBucket('processed') },
      access: 'private',
      ingestor: undefined,
      query: { accessKey: 'query', secretKey: 'secret-of-query' },
      log,
    });
    t.match(warnings, ['the user query could not be made: is this MinIO?']);
  },
);
