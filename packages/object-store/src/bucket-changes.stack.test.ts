import { BUCKET_EVENTS, parseBucketEvent } from '@landfall/contracts/messages/bucket-event';
import { STREAMS } from '@landfall/contracts/messages/events';
import { natsBus } from '@landfall/event-bus/nats/nats-bus';
import { ownNatsIsMissing, startOwnNats } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing, startOwnS3, uniqueBucket } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { bucketChangesContract, makeChangeRecorder } from './bucket-changes.contract.ts';
import { s3Store } from './s3-store.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;

t.test('contract of bucket changes, over S3 and NATS', { skip }, async (t) => {
  const nats = await startOwnNats();
  t.teardown(nats.stop);
  const { url, user, password } = nats;
  const bus = natsBus(
    { url, user, password, name: 'test' },
    { streams: STREAMS, onError: (error) => t.error(error) },
  );
  t.teardown(bus.close);
  await new Promise<void>((resolve) => bus.onConnected(resolve));
  const s3 = await startOwnS3({ nats, subject: BUCKET_EVENTS });
  t.teardown(s3.stop);
  const store = s3Store(s3);

  bucketChangesContract(t, async (t) => {
    const [bucket, otherBucket] = [uniqueBucket('source'), uniqueBucket('other')];
    await store.createBucket(bucket);
    await store.createBucket(otherBucket);
    const changes = makeChangeRecorder();
    t.teardown(bus.consume(BUCKET_EVENTS, (message) => changes.record(parseBucketEvent(message, bucket))));
    return { store, bucket, otherBucket, changes };
  });
});
