import { USERS } from '@landfall/contracts/dataset/users';
import type { ListingFault } from '@landfall/object-store/object-store';
import { openStateFile } from '@landfall/state-file/state-file';
import t from 'tap';
import { catalogLayout } from '../../src/catalog/schema.ts';
import { noFaults, withFaults } from '../support/_faulty-store.ts';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

/** The rejects: key, reason, and whether a previous version is kept. */
const rejected = async (fixture: Fixture) =>
  (await fixture.rejects()).map(({ key, reason, kept_previous: kept }) => [key, reason, kept]);

async function runOnChange(fixture: Fixture, keys: readonly string[]) {
  const report = fixture.nextReport();
  fixture.sendEvent(keys);
  return await report;
}

t.test('an object that cannot be read is a reject, and every listing run retries it', async (t) => {
  const faults = noFaults();
  const fixture = await makeFixture(t, {}, withFaults(faults));
  fixture.put('1001.csv', record('Ada', 'Lovelace', 5));
  fixture.put('1002.csv', record('Alan', 'Turing', 6));
  fixture.put('1003.csv', record('Grace', 'Hopper', 7));
  await fixture.start();
  fixture.put('1001.csv', record('Ada', 'King', 5));
  fixture.put('1004.csv', record('Root', 'Only', 8));
  fixture.put('1005.csv', record('New', 'Good', 9));
  faults.reads.set('1001.csv', 'unreadable').set('1004.csv', 'access_denied');
  const first = await fixture.run();
  t.match(first, { status: 'succeeded', added: 1, removed: 0, rejected: 2 });
  t.same(fixture.rows()[0], '1001,Ada,Lovelace,5,', 'the last good version stays');
  t.equal(fixture.rows().length, 4);
  t.match(await fixture.rejects(), [
    { key: '1001.csv', reason: 'unreadable', detail: 'no 1001.csv today', kept_previous: true },
    {
      key: '1004.csv',
      reason: 'unreadable',
      detail: 'access_denied: no 1004.csv today',
      kept_previous: false,
    },
  ]);
  t.match(await fixture.run(), { status: 'succeeded', published: false, rejected: 2 });
  faults.reads.clear();
  t.match(await fixture.run(), { status: 'succeeded', added: 1, updated: 1, fetched: 2, rejected: 0 });
  t.match(await fixture.run(), { published: false, fetched: 0 }, 'and then no more');
});

t.test('an event about an unreadable object causes another read', async (t) => {
  const faults = noFaults();
  const fixture = await makeFixture(t, {}, withFaults(faults));
  fixture.put('1.csv', record('Ada', 'Lovelace', 5));
  fixture.put('2.csv', record('Alan', 'Turing', 6));
  faults.reads.set('2.csv', 'timeout');
  t.match(await fixture.start(), { status: 'succeeded', rejected: 1 });
  faults.reads.clear();
  t.match(await runOnChange(fixture, ['2.csv']), { status: 'succeeded', added: 1, rejected: 0 });
  faults.heads.set('1.csv', 'access_denied');
  faults.reads.set('1.csv', 'access_denied');
  t.match(await runOnChange(fixture, ['1.csv']), { status: 'succeeded', removed: 0, rejected: 1 });
  t.match(await fixture.rejects(), [{ key: '1.csv', reason: 'unreadable', kept_previous: true }]);
  faults.heads.clear();
  faults.reads.clear();
  t.match(await runOnChange(fixture, ['1.csv']), { status: 'succeeded', rejected: 0 });
  faults.heads.set('9.csv', 'outside_bucket');
  await runOnChange(fixture, ['9.csv']);
  t.same(await rejected(fixture), [['9.csv', 'outside_bucket', false]]);
  t.match(await fixture.run(), { status: 'succeeded', rejected: 0 }, 'the listing does not name it');
  faults.heads.set('1.csv', 'unavailable');
  t.match(await runOnChange(fixture, ['1.csv']), { status: 'failed' }, 'the whole store');
});

t.test('a store that returns no object fails the run, and causes no rejects', async (t) => {
  const faults = noFaults();
  const fixture = await makeFixture(t, {}, withFaults(faults));
  for (let i = 0; i < 5; i++) {
    fixture.put(`${i}.csv`, record('Ada', 'x', i));
    faults.reads.set(`${i}.csv`, 'access_denied');
  }
  t.match(
    await fixture.start(),
    { status: 'failed', error: /no 0.csv today/ },
    'none of several can be read',
  );
  faults.reads.clear();
  t.match(await fixture.run(), { status: 'succeeded', added: 5 });
  fixture.put('1.csv', record('Changed', 'x', 1));
  for (let i = 0; i < 5; i++) faults.reads.set(`${i}.csv`, 'access_denied');
  t.match(await fixture.run(), { status: 'failed', error: /no 1.csv today/ }, 'nor one that is known');
  t.same(await rejected(fixture), []);
  faults.reads.delete('4.csv');
  t.match(await fixture.run(), { status: 'succeeded', rejected: 1 }, 'another one can be read');
  faults.reads.clear();
  t.match(await fixture.run(), { status: 'succeeded', updated: 1, rejected: 0 });
});

t.test('a known record that became a link out of the bucket is no fault of the store', async (t) => {
  const faults = noFaults();
  const fixture = await makeFixture(t, {}, withFaults(faults));
  for (const key of ['1.csv', '2.csv', '3.csv']) fixture.put(key, record('Ada', 'x', 1));
  await fixture.start();
  faults.reads.set('1.csv', 'outside_bucket');
  faults.listed.set('2.csv', { code: 'unreadable', detail: 'an error of the disk' });
  t.match(await fixture.run(), { status: 'succeeded', rejected: 1 });
});

t.test(
  'a single unreadable object in a new catalog is a fault of the object, not of the store',
  async (t) => {
    const faults = noFaults();
    const fixture = await makeFixture(t, {}, withFaults(faults));
    fixture.put('1.csv', record('Ada', 'x', 1));
    faults.reads.set('1.csv', 'unreadable');
    t.match(await fixture.start(), { status: 'succeeded', rejected: 1 });
  },
);

t.test('a run succeeds if thousands of objects cannot be read and a later one can', async (t) => {
  const faults = noFaults();
  const fixture = await makeFixture(t, { fetchConcurrency: 64 }, withFaults(faults));
  for (let i = 10_000; i < 12_200; i++) {
    fixture.put(`${i}.csv`, record('Ada', 'x', i));
    faults.reads.set(`${i}.csv`, 'unreadable');
  }
  fixture.put('z.csv', record('Ada', 'x', 1));
  t.match(await fixture.start(), { status: 'succeeded', added: 1, rejected: 2_200 });
});

t.test('an object with a fault in the listing is a reject', async (t) => {
  const faults = noFaults();
  const fixture = await makeFixture(t, {}, withFaults(faults));
  const outside: ListingFault = { code: 'outside_bucket', detail: 'a link that leads out' };
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  fixture.put('7.png', 'a face');
  fixture.put('8.csv', record('Alan', 'Turing', 6));
  await fixture.start();
  faults.listed.set('7.csv', outside).set('7.png', outside);
  t.match(await fixture.run(), { status: 'succeeded', removed: 0, rejected: 2 });
  t.same(fixture.rows()[0], '7,Ada,Lovelace,5,', 'the image is not the user’s any more');
  t.match(await fixture.rejects(), [
    { key: '7.csv', reason: 'outside_bucket', detail: 'a link that leads out', kept_previous: true },
    { key: '7.png', user_id: '7', reason: 'outside_bucket', kept_previous: false },
  ]);
  t.match(await fixture.run(), { published: false, rejected: 2 });
  faults.listed.set('7.png', { code: 'unreadable', detail: 'an error of the disk' });
  await fixture.run();
  t.same(fixture.rows()[0], '7,Ada,Lovelace,5,src-data/7.png', 'an image that cannot be read is one');
  faults.listed.clear();
  t.match(await fixture.run(), { rejected: 0, fetched: 0 }, 'the version that was read');
  faults.listed.set('9.csv', { code: 'not_utf8_name', detail: '9.csv' });
  fixture.put('9.csv', record('Not', 'Read', 6));
  await fixture.run();
  t.same(await rejected(fixture), [['9.csv', 'not_utf8_name', false]]);
  fixture.remove('9.csv');
  t.match(await fixture.run(), { rejected: 0 });
});

t.test('rows below a folder that cannot be listed are kept', async (t) => {
  const faults = noFaults();
  const fixture = await makeFixture(t, {}, withFaults(faults));
  fixture.put('a/1.csv', record('Ada', 'Lovelace', 1));
  fixture.put('a/b/2.csv', record('Alan', 'Turing', 2));
  fixture.put('a/b/2.png', 'a face');
  fixture.put('a.csv', record('Other', 'x', 3));
  await fixture.start();
  const rows = fixture.rows();
  faults.folders.add('a/').add('lost+found/');
  fixture.time.now += 1_000;
  t.match(await fixture.run(), { status: 'succeeded', removed: 0, updated: 0, rejected: 1, passed_over: 1 });
  t.same(fixture.rows(), rows);
  t.match(await fixture.rejects(), [
    { key: 'a/', user_id: '', reason: 'unreadable', detail: 'no a/', since: '2026-06-01T00:00:01.000Z' },
  ]);
  fixture.time.now += 1_000;
  t.match(await fixture.run(), { published: false, rejected: 1 });
  t.match(await fixture.alive(), {
    conditions: [{ code: 'folder_unreadable', since: '2026-06-01T00:00:01.000Z' }],
  });
  await runOnChange(fixture, ['a.csv']);
  t.match(await fixture.alive(), { conditions: [{ code: 'folder_unreadable' }] }, 'a run of some keys');
  faults.folders.add('b/');
  t.match(await fixture.run(), { conditions: [{ detail: 'a/ and 1 other folder cannot be listed: no a/' }] });
  faults.folders.clear();
  fixture.remove('a/1.csv');
  t.match(await fixture.run(), { removed: 1, rejected: 0 });
  t.same(await fixture.alive(), { alive: true, conditions: [] });
});

t.test('rejects of folders are restored after the state is lost', async (t) => {
  const faults = noFaults();
  const fixture = await makeFixture(t, {}, withFaults(faults));
  fixture.put('a/1.csv', record('Ada', 'Lovelace', 1));
  fixture.put('2.csv', record('Ada', 'Lovelace', 1));
  faults.folders.add('a/');
  await fixture.start();
  const [before] = await fixture.rejects();
  await fixture.loseState();
  fixture.time.now += 1_000;
  t.match(await fixture.start(), { status: 'succeeded', rejected: 1, published: false });
  t.same(await fixture.rejects(), [before]);
});

t.test('after an upgrade of the rules every object is read again, and nothing is lost', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('1.csv', record('Ada', 'Lovelace', 1));
  fixture.put('2.csv', record('Alan', 'Turing', 2));
  await fixture.start();
  fixture.put('2.csv', 'broken');
  await fixture.run();
  const [rows, rejects] = [fixture.rows(), await fixture.rejects()];
  await fixture.stop();
  fixture.time.now += 60_000;
  const layout = catalogLayout(USERS);
  const older = { schema: layout.schema, schemaVersion: layout.schemaVersion - 1 };
  openStateFile(`${fixture.stateDir}/catalog.sqlite`, older, () => undefined).close();
  t.match(await fixture.start(), { status: 'succeeded', fetched: 2, rejected: 1, published: false });
  t.same(fixture.rows(), rows, 'with the last good version of the broken one');
  t.same(await fixture.rejects(), rejects, 'and since when it is broken');
});

t.test('files of tools are skipped and counted, and removed if they were known', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('1000.csv', record('Current', 'Version', 1));
  for (const key of ['.sync/Archive/1000.csv', '#recycle/1000.csv', '._1000.csv', '.~tmp~/1000.csv'])
    fixture.put(key, record('Old', 'Archived', 1));
  fixture.put('.thumbnails/1000.png', 'a face');
  fixture.put('#recycle/1003.csv', record('Deleted', 'User', 1));
  t.match(await fixture.start(), { status: 'succeeded', added: 1, rejected: 0, passed_over: 6 });
  t.same(fixture.rows(), ['1000,Current,Version,1,']);
  const report = fixture.nextReport();
  fixture.sendEvent(['._1000.csv']);
  fixture.sendEvent(['1000.csv', '#recycle/1003.csv']);
  t.match(await report, { trigger: 'bucket', listed: 1, published: false });
  t.match(await report, { passed_over: 1 }, 'a message of odd files alone asks for nothing');
});

t.test('names that are equal in NFC are one row', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('jose\u0301.csv', record('Jose\u0301', 'One', 5));
  fixture.put('jos\u00e9.png', 'a face');
  fixture.put('zoe\u0301.csv', record('Zoe', 'Nfd', 5));
  fixture.put('zo\u00e9.csv', record('Zoe', 'Nfc', 5));
  fixture.put('a.b/a.csv', record('Folder', 'Named', 5));
  t.match(await fixture.start(), { added: 3, rejected: 1, orphan_images: 0 });
  t.same(fixture.rows(), [
    'a,Folder,Named,5,',
    'jos\u00e9,Jos\u00e9,One,5,src-data/jos\u00e9.png',
    'zo\u00e9,Zoe,Nfd,5,',
  ]);
  t.match(await fixture.rejects(), [
    {
      key: 'zo\u00e9.csv',
      user_id: 'zo\u00e9',
      reason: 'duplicate_user',
      detail: 'zoe\u0301.csv has the same id, which is the same name in another Unicode form',
    },
  ]);
  fixture.remove('zoe\u0301.csv');
  t.match(await runOnChange(fixture, ['zoe\u0301.csv']), { updated: 1, rejected: 0 });
  t.same(fixture.rows()[2], 'zo\u00e9,Zoe,Nfc,5,');
  fixture.remove('jos\u00e9.png');
  fixture.put('jose\u0301.gif', 'a face');
  await runOnChange(fixture, ['jos\u00e9.png', 'jose\u0301.gif']);
  t.same(fixture.rows()[1], 'jos\u00e9,Jos\u00e9,One,5,src-data/jose\u0301.gif', 'the path is the key');
});

t.test('an object without an ETag is read in every run', async (t) => {
  const faults = noFaults();
  faults.hasEtags = false;
  const fixture = await makeFixture(t, {}, withFaults(faults));
  fixture.put('1.csv', record('Older', 'Value', 5));
  fixture.put('2.csv', record('Broken', 'Value', Number.NaN));
  await fixture.start();
  fixture.put('1.csv', record('Newer', 'Value', 5));
  fixture.put('2.csv', record('Broken', 'Value', 100));
  t.match(await fixture.run(), { added: 1, updated: 1, fetched: 2 });
  t.same(fixture.rows(), ['1,Newer,Value,5,', '2,Broken,Value,100,']);
  fixture.put('1.csv', record('Older', 'Value', 5));
  t.match(await runOnChange(fixture, ['1.csv']), { updated: 1 });
});

for (const order of ['reversed', 'repeated', 'page again'] as const) {
  t.test(`a listing that is ${order} gives the same result`, async (t) => {
    const faults = noFaults();
    const fixture = await makeFixture(t, {}, withFaults(faults));
    const put = (key: string) => fixture.put(key, record(key, 'x', 5));
    for (const key of ['a/b/2.csv', 'a/b-c/3.csv', 'a.csv', 'z.csv', '4.csv', '5.csv']) put(key);
    fixture.put('z.png', 'a face');
    await fixture.start();
    faults.order = order;
    t.match(await fixture.run(), { status: 'succeeded', published: false, unchanged: 6, listed: 7 });
    fixture.remove('a.csv');
    put('b.csv');
    fixture.put('4.csv', 'broken');
    faults.folders.add('a/b/');
    t.match(await fixture.run(), { status: 'succeeded', added: 1, removed: 1, rejected: 2 });
    t.match(await rejected(fixture), [
      ['4.csv', 'missing_column', true],
      ['a/b/', 'unreadable', false],
    ]);
    await fixture.loseState();
    t.match(await fixture.start(), { status: 'succeeded', published: false });
    faults.order = 'sorted';
    faults.folders.clear();
    t.match(await fixture.run(), { status: 'succeeded', rejected: 1, removed: 0 });
  });
}
