import { type Client, NotificationConfig, ObjectCreatedAll, ObjectRemovedAll, QueueConfig } from 'minio';
import { callMinio, type MinioAccess } from './minio-client.ts';

/**
 * Has a bucket tell every object that is put or removed to one of the targets that MinIO was started with. What others
 * have had it tell, and to whom, stays; done again, it changes nothing.
 *
 * @param target its ARN, `arn:minio:sqs::<name>:nats` say
 * @param deadlineMs of all of it
 * @throws StoreError bucket_not_found, access_denied, unavailable (of a server that is no MinIO, too), timeout
 */
export async function tellChanges(
  access: MinioAccess,
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
