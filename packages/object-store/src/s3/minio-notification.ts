import { type Client, NotificationConfig, ObjectCreatedAll, ObjectRemovedAll, QueueConfig } from 'minio';
import { callMinio, type S3Access } from './minio-client.ts';

/**
 * Configures a bucket to send an event for every created or removed object to one of MinIO's targets. Other rules of
 * the bucket stay. Idempotent.
 *
 * @param target ARN, for example `arn:minio:sqs::<name>:nats`
 * @param deadlineMs for the whole call
 * @throws StoreError bucket_not_found, access_denied, unavailable (also when the server is not MinIO), timeout
 */
export async function enableNotifications(
  access: S3Access,
  bucket: string,
  target: string,
  deadlineMs?: number,
): Promise<void> {
  const call = async (client: Client) => {
    const { QueueConfiguration: rules } = await client.getBucketNotification(bucket);
    if (rules.some(({ Queue: queue }) => queue === target)) return;
    const config = new NotificationConfig();
    for (const { Id, Queue: queue, Event: events, Filter: filters } of rules) {
      const rule = new QueueConfig(queue);
      rule.setId(Id);
      for (const event of events) rule.addEvent(event);
      for (const { Name: name, Value: value } of filters) {
        if (name.toLowerCase() === 'prefix') rule.addFilterPrefix(value);
        else rule.addFilterSuffix(value);
      }
      config.add(rule);
    }
    const ours = new QueueConfig(target);
    ours.addEvent(ObjectCreatedAll);
    ours.addEvent(ObjectRemovedAll);
    config.add(ours);
    await client.setBucketNotification(bucket, config);
  };
  await callMinio(access, bucket, call, deadlineMs);
}
