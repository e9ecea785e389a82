import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { USERS } from '@landfall/contracts/dataset/users';
import { BUCKET_EVENTS } from '@landfall/contracts/messages/bucket-event';
import { makeLogger } from '@landfall/process/logger';
import t, { type Test } from 'tap';
import { openPorts } from '../src/ports.ts';

t.test('a source bucket that cannot be created does not fail the start', async (t) => {
  const folder = t.testdir({ 'src-data': 'a file in its place' });
  const { store, enableNotifications } = await open(t, folder);
  await enableNotifications();
  await store.put('processed-data', 'a', Buffer.from('x'));
  const listing = store.list('src-data')[Symbol.asyncIterator]().next();
  await t.rejects(listing, { code: 'bucket_not_found' }, 'the listing says what is wrong');
});

t.test('a processed bucket that cannot be created fails the start', async (t) => {
  const folder = t.testdir({ 'processed-data': 'a file in its place' });
  await t.rejects(open(t, folder), { code: 'unavailable' });
});

t.test('a source bucket that appears later is watched', async (t) => {
  const folder = t.testdir({ 'src-data': 'a file in its place' });
  const { bus, enableNotifications } = await open(t, folder);
  await enableNotifications();
  let isPublished = false;
  const leave = bus.consume(BUCKET_EVENTS, () => {
    isPublished = true;
  });
  t.teardown(leave);
  fs.rmSync(path.join(folder, 'src-data'));
  fs.mkdirSync(path.join(folder, 'src-data'));
  while (!isPublished) await setTimeout(20);
  t.pass('a change is published');
});

async function open(t: Test, folder: string) {
  const buckets = { SOURCE_BUCKET: 'src-data', PROCESSED_BUCKET: 'processed-data' };
  const config = { DATA_DIR: folder, definition: USERS, ...buckets };
  const ports = await openPorts(config, makeLogger('test', 'silent'));
  t.teardown(ports.close);
  return ports;
}
