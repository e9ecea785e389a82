import t from 'tap';
import { parseBucketEvent } from './bucket-event.ts';

const event = (key: string, arn?: string) => ({
  Records: [{ s3: { bucket: { name: 'bucket', ...(arn !== undefined && { arn }) }, object: { key } } }],
});

t.test('a key is reported as written and decoded', async (t) => {
  t.same(parseBucketEvent(event('a.csv'), 'bucket'), ['a.csv']);
  t.same(parseBucketEvent(event('a+b%2Fc.csv'), 'bucket'), ['a b/c.csv', 'a+b%2Fc.csv']);
  t.same(parseBucketEvent(event('100%.csv'), 'bucket'), ['100%.csv'], 'what is not encoded stays');
  t.same(parseBucketEvent(event('a.csv'), 'other'), [], 'of another bucket nothing is named');
});

t.test('a different key in the ARN is reported as well', async (t) => {
  t.same(parseBucketEvent(event('a.csv', 'arn:aws:s3:::bucket'), 'bucket'), ['a.csv']);
  t.same(parseBucketEvent(event('a.csv', 'arn:aws:s3:::/bucket/a.csv'), 'bucket'), ['a.csv']);
  t.same(parseBucketEvent(event('a.csv', 'arn:aws:s3:::/bucket/in/b.csv'), 'bucket'), ['a.csv', 'in/b.csv']);
});
