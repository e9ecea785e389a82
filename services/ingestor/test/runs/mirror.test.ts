import fs from 'node:fs';
import t from 'tap';
import { type Fixture, HEADER, makeFixture, record } from '../support/_ingestor.ts';

t.test('the first run publishes the content of the bucket', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('1001.csv', record('Alan', 'Turing', -1815955200000));
  fixture.put('1000.csv', record('Ada', 'Lovelace', -4861728000000));
  fixture.put('1000.png', 'a face');
  fixture.put('9.png', 'an orphan');
  fixture.put('notes.txt', 'of no concern');
  const report = await fixture.start();
  t.match(report, {
    trigger: 'start',
    status: 'succeeded',
    published: true,
    generation: 1,
    listed: 5,
    fetched: 2,
  });
  t.match(report, {
    unchanged: 0,
    added: 2,
    updated: 0,
    removed: 0,
    rejected: 0,
    orphan_images: 1,
    written: 6,
  });
  t.equal(
    fixture.output(),
    'user_id,first_name,last_name,birthts,img_path\n' +
      '1000,Ada,Lovelace,-4861728000000,src-data/1000.png\n' +
      '1001,Alan,Turing,-1815955200000,\n',
  );
  const manifest = fixture.manifest();
  t.match(manifest, {
    generation: 1,
    rows: 2,
    created_at: '2026-06-01T00:00:00.000Z',
    version: report.version,
  });
  for (const { key, size } of [
    manifest.snapshot,
    manifest.output,
    manifest.rejects_snapshot,
    manifest.rejects,
  ]) {
    t.equal(fs.statSync(fixture.processed(key)).size, size, key);
  }
  t.equal(fs.readFileSync(fixture.processed(manifest.snapshot.key), 'utf8'), fixture.output());
  const [event] = await fixture.bus.lastKept('dataset.updated');
  t.match(event, { id: `1-${manifest.version}`, data: { ...manifest, counts: { added: 2 } } });
});

t.test('without changes, nothing is read, written or announced', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  fixture.put('7.png', 'a face');
  await fixture.start();
  const before = filesOf(fixture);
  const events: unknown[] = [];
  fixture.bus.subscribe('dataset.updated', (event) => events.push(event));
  t.match(await fixture.run(), {
    status: 'succeeded',
    published: false,
    generation: 1,
    fetched: 0,
    unchanged: 1,
    written: 0,
  });
  fixture.put('7.png', 'another face');
  t.match(
    await fixture.run(),
    { published: false, fetched: 0 },
    'an image that is overwritten changes no row',
  );
  t.same(filesOf(fixture), before);
  t.same(events, []);
});

t.test('added, changed and removed files change the rows', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('1.csv', record('One', 'A', 1));
  fixture.put('2.csv', record('Two', 'B', 2));
  fixture.put('3.csv', record('Three', 'C', 3));
  await fixture.start();
  fixture.put('2.csv', record('Zwei', 'B', 2));
  fixture.put('4.csv', record('Four', 'D', 4));
  fixture.put('3.jpg', 'a face');
  fixture.remove('1.csv');
  t.match(await fixture.run(), { added: 1, updated: 2, removed: 1, fetched: 2, unchanged: 1, generation: 2 });
  t.same(fixture.rows(), ['2,Zwei,B,2,', '3,Three,C,3,src-data/3.jpg', '4,Four,D,4,']);
  fixture.remove('3.jpg');
  t.match(await fixture.run(), { updated: 1, fetched: 0, generation: 3 });
  t.same(fixture.rows(), ['2,Zwei,B,2,', '3,Three,C,3,', '4,Four,D,4,']);
});

t.test('the same rows have the same bytes, independent of their history', async (t) => {
  const [one, other] = [await makeFixture(t), await makeFixture(t)];
  const users = ['b', 'a', '😀', '\ufffd', 'Z', '10', '9', 'é'];
  for (const id of users) one.put(`${id}.csv`, record(id, 'x', 1));
  await one.start();
  await other.start();
  for (const id of users.toReversed()) {
    other.put(`folder/${id}.csv`, `last_name,first_name,birthts\r\nx,${id},1\r\n`);
    await other.run();
  }
  t.equal(other.output(), one.output());
  t.same(
    one.rows().map((row) => row.split(',')[0]),
    ['10', '9', 'Z', 'a', 'b', 'é', '\ufffd', '😀'],
    'by UTF-8 bytes',
  );
});

t.test('a broken file keeps the last good version until it is corrected', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  fixture.put('8.csv', HEADER);
  await fixture.start();
  t.match(await fixture.rejects(), [
    { key: '8.csv', user_id: '8', reason: 'no_record', kept_previous: false },
  ]);
  const since = (await fixture.rejects())[0]?.since;

  fixture.time.now += 60_000;
  fixture.put('7.csv', 'broken');
  fixture.put('7.png', 'a face');
  t.match(await fixture.run(), { updated: 1, rejected: 2, removed: 0 });
  t.same(fixture.rows(), ['7,Ada,Lovelace,5,src-data/7.png'], 'names stay, the image is the one of now');
  const [seven, eight] = await fixture.rejects();
  t.match(seven, {
    key: '7.csv',
    reason: 'missing_column',
    kept_previous: true,
    since: '2026-06-01T00:01:00.000Z',
  });
  t.equal(eight?.since, since, 'what was wrong before is so since then');

  fixture.put('7.csv', record('Ada', 'King', 5));
  fixture.put('8.csv', record('Eight', 'x', 8));
  t.match(await fixture.run(), { added: 1, updated: 1, rejected: 0 });
  t.same(fixture.rows(), ['7,Ada,King,5,src-data/7.png', '8,Eight,x,8,']);
  t.same(await fixture.rejects(), []);
});

t.test('a change of rejects alone makes a generation with the same version', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  const first = await fixture.start();
  fixture.put('8.csv', '');
  const second = await fixture.run();
  t.match(second, { published: true, generation: 2, version: first.version, added: 0, rejected: 1 });
  t.match(await fixture.rejects(), [{ key: '8.csv', reason: 'empty' }]);
});

t.test(
  'the first of two files with the same id owns the row; after its removal, the second does',
  async (t) => {
    const fixture = await makeFixture(t);
    fixture.put('a/7.csv', record('A', 'x', 1));
    fixture.put('b/7.csv', record('B', 'x', 2));
    await fixture.start();
    t.same(fixture.rows(), ['7,A,x,1,']);
    t.match(await fixture.rejects(), [
      { key: 'b/7.csv', user_id: '7', reason: 'duplicate_user', kept_previous: false },
    ]);
    fixture.put('a/7.csv', 'broken');
    await fixture.run();
    t.same(fixture.rows(), ['7,A,x,1,'], 'a broken owner owns it still');
    t.match(await fixture.rejects(), [{ key: 'a/7.csv', kept_previous: true }, { key: 'b/7.csv' }]);
    fixture.remove('a/7.csv');
    t.match(await fixture.run(), { updated: 1, rejected: 0 });
    t.same(fixture.rows(), ['7,B,x,2,']);
  },
);

t.test('a birth in the future is checked again at every run', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Soon', 'x', fixture.time.now + 1_000));
  t.match(await fixture.start(), { added: 0, rejected: 1 });
  t.match(await fixture.run(), { published: false, rejected: 1 });
  fixture.time.now += 1_000;
  t.match(
    await fixture.run(),
    { published: true, fetched: 0, added: 1, rejected: 0 },
    'without reading it again',
  );
});

t.test('a row that was removed and returns broken has no last good version', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  await fixture.start();
  fixture.remove('7.csv');
  await fixture.run();
  fixture.put('7.csv', 'broken');
  await fixture.run();
  t.same(fixture.rows(), []);
  t.match(await fixture.rejects(), [{ key: '7.csv', kept_previous: false }]);
});

t.test('files above the size limit are not read', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5) + '\n'.repeat(64 * 1024));
  await fixture.start();
  t.match(await fixture.rejects(), [
    { key: '7.csv', reason: 'too_large', detail: /\d{5} bytes; the maximum is 65536/ },
  ]);
});

t.test('an empty bucket makes an empty data set', async (t) => {
  const fixture = await makeFixture(t);
  t.match(await fixture.start(), { status: 'succeeded', published: true, generation: 1, listed: 0 });
  t.equal(fixture.output(), 'user_id,first_name,last_name,birthts,img_path\n');
  t.match(fixture.manifest(), { rows: 0 });
});

t.test('a missing source bucket fails the run and changes nothing', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  await fixture.start();
  const before = filesOf(fixture);
  fs.renameSync(fixture.source(''), fixture.source('../moved'));
  t.match(await fixture.run(), {
    status: 'failed',
    published: false,
    generation: 1,
    error: /no bucket src-data/,
  });
  t.same(filesOf(fixture), before);
  fs.renameSync(fixture.source('../moved'), fixture.source(''));
  t.match(await fixture.run(), { status: 'succeeded', published: false, removed: 0 });
});

/** Every file of the processed bucket with its content and modification time. */
function filesOf(fixture: Fixture): unknown[] {
  return fs
    .readdirSync(fixture.processed(''), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = `${entry.parentPath}/${entry.name}`;
      return [file, fs.readFileSync(file, 'utf8'), fs.statSync(file).mtimeMs];
    });
}
