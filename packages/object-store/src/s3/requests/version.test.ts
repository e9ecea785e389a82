import fs from 'node:fs';
import path from 'node:path';
import { ownS3IsMissing, startOwnS3, uniqueBucket } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { list } from '../../object-store.contract.ts';
import { s3Store } from '../../s3-store.ts';
import { answer, contents, LAST, object, page, scriptedS3 } from '../_scripted-s3.ts';
import { etagFrom, isServerEtag } from './version.ts';

const MODIFIED = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const after = (ms: number, elapsed = 0) => ({
  headers: { date: new Date(MODIFIED - 678 + ms).toUTCString() },
  elapsed,
});

t.test('a server’s ETag is used unchanged', async (t) => {
  for (const written of ['"abc"', 'abc', 'W/"abc"', '""abc""'])
    t.equal(etagFrom(written, MODIFIED, after(0)), 'abc', written);
});

t.test('without an ETag, the modification time is used after its second has passed', async (t) => {
  for (const written of ['', '""', 'W/""']) {
    t.equal(etagFrom(written, MODIFIED, after(2_000)), 'modified-2026-01-02T03:04:05');
    t.equal(
      etagFrom(written, MODIFIED - 678, after(9_000)),
      'modified-2026-01-02T03:04:05',
      'as in a header',
    );
    t.not(
      etagFrom(written, MODIFIED + 1_000, after(9_000)),
      'modified-2026-01-02T03:04:05',
      'a second later',
    );
  }
});

t.test('a version that is not final is unique to its answer', async (t) => {
  const answers = {
    'within its second': after(0),
    'a second later': after(1_000),
    'asked for before': after(5_000, 4_000),
    'in the future': after(-60_000),
    'without a Date': { headers: {}, elapsed: 0 },
    'with two Dates': { headers: { date: ['a', 'b'] }, elapsed: 0 },
  };
  for (const [name, each] of Object.entries(answers)) {
    const etag = etagFrom('', MODIFIED, each);
    t.not(etag, etagFrom('', MODIFIED, each), name);
    t.notOk(isServerEtag(etag));
  }
  t.not(etagFrom('', Number.NaN, after(9_000)), etagFrom('', Number.NaN, after(9_000)), 'without a time');
  t.ok(etagFrom('', Number.MAX_VALUE, after(9_000)), 'with a time that is none');
});

t.test('listing, GET and HEAD return the same version', async (t) => {
  const headers = {
    'last-modified': new Date(MODIFIED).toUTCString(),
    date: new Date(MODIFIED + 10_000).toUTCString(),
  };
  const { store } = await scriptedS3(t, (request, response) => {
    const act = request.url?.includes('list-type')
      ? answer(200, page(LAST + contents('a', { etag: '' })), headers)
      : object('content', headers);
    act(request, response);
  });
  const etag = 'modified-2026-01-02T03:04:05';
  t.match(await list(store, 'bucket'), [{ etag, modified: MODIFIED }]);
  t.match(await store.head('bucket', 'a'), { etag });
  t.match(await store.read('bucket', 'a', 10), { etag });
});

t.test('files written directly into a gateway’s folder', { skip: ownS3IsMissing() ?? false }, async (t) => {
  const server = await startOwnS3();
  t.teardown(server.stop);
  const store = s3Store(server);
  const bucket = uniqueBucket('gateway');
  await store.createBucket(bucket);
  const file = path.join(server.dataFolder, bucket, '1.csv');
  const write = (text: string, time: number) => {
    fs.writeFileSync(file, text);
    fs.utimesSync(file, time, time);
  };
  const versions = async () => {
    const [listed] = await list(store, bucket);
    const [found, read] = [await store.head(bucket, '1.csv'), await store.read(bucket, '1.csv', 10)];
    return [listed?.etag, found?.etag, read.etag];
  };
  write('older', 1_700_000_000.4);
  const older = await versions();
  t.equal(new Set(older).size, 1, older.join());
  t.same(await versions(), older, 'it stays');
  write('newer', 1_700_000_001.4);
  const newer = await versions();
  t.equal(new Set(newer).size, 1, newer.join());
  t.not(newer[0], older[0]);
  fs.writeFileSync(file, 'fresh');
  const fresh = [...(await versions()), ...(await versions())];
  t.equal(new Set(fresh).size, 6, 'written just now: no version counts as the same');
  t.equal(await store.supportsConditions(bucket), true, 'what is put through it has ETags');
});
