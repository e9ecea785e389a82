import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import type { RunReport } from '@landfall/contracts/messages/run';
import t from 'tap';
import { noFaults, withFaults } from '../support/_faulty-store.ts';
import { makeFixture, record } from '../support/_ingestor.ts';

const detailOf = ({ conditions = [] }: RunReport): string | undefined =>
  conditions.find(({ code, level }) => code === 'nothing_matches' && level === 'red')?.detail;

t.test('objects of which none makes a row are red, with the patterns and an example', async (t) => {
  const fixture = await makeFixture(t);
  t.equal(detailOf(await fixture.start()), undefined, 'an empty bucket is not');

  for (const key of ['.DS_Store', '@eaDir/1.csv', 'a/.git/1.csv']) fixture.put(key, 'x\n');
  t.equal(detailOf(await fixture.run()), undefined, 'files of tools do not count');

  fixture.put('notes/read me.txt', 'x\n');
  const found = await fixture.run();
  t.match(found, { status: 'succeeded', published: false, generation: 1 });
  t.equal(
    detailOf(found),
    'no object of the source bucket makes a row of users (records: **/{user_id}.csv, image: **/{user_id}.{png,jpg,jpeg,webp,gif}): ' +
      'none is a record, for example notes/read me.txt',
  );
  t.match(await fixture.alive(), { conditions: [{ code: 'nothing_matches' }] });

  fixture.remove('notes/read me.txt');
  t.equal(detailOf(await fixture.run()), undefined, 'empty again');
  fixture.put('1.png', 'x\n');
  t.match(detailOf(await fixture.run()), /none is a record, for example 1\.png$/, 'a companion is no row');
  fixture.put('1.csv', record('Ada', 'Lovelace', 1));
  t.equal(detailOf(await fixture.run()), undefined, 'a row');
});

t.test('rejected records are named with a reason', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('1.csv', 'broken\n');
  fixture.put('2.csv', 'broken\n');
  t.match(
    detailOf(await fixture.start()),
    /: 2 are rejected, for example 1\.csv: missing_column, .+first_name/,
  );
  fixture.put('2.csv', record('Ada', 'Lovelace', 1));
  t.equal(detailOf(await fixture.run()), undefined, 'one is enough');
  fixture.put('2.csv', 'broken\n');
  t.match(await fixture.run(), { rejected: 2, conditions: [] }, 'the last good version of a row is a row');
});

t.test('a run of some keys sets and clears it, too', async (t) => {
  const fixture = await makeFixture(t);
  await fixture.start();
  const runOf = async (key: string) => {
    const report = fixture.nextReport();
    fixture.sendEvent([key]);
    return detailOf(await report);
  };
  fixture.put('1.csv', 'broken\n');
  t.match(await runOf('1.csv'), /: 1 is rejected, for example 1\.csv/);
  fixture.remove('1.csv');
  t.match(await runOf('1.csv'), /records:/, 'there may be other objects');
  fixture.put('2.csv', record('Ada', 'Lovelace', 1));
  t.equal(await runOf('2.csv'), undefined);
});

t.test('a file that may still be written decides nothing', async (t) => {
  const faults = noFaults();
  const fixture = await makeFixture(t, {}, withFaults(faults));
  await fixture.start();
  fixture.put('1.csv', record('Ada', 'Lovelace', 1).trimEnd());
  faults.modified.set('1.csv', fixture.time.now);
  const report = fixture.nextReport();
  fixture.sendEvent(['1.csv']);
  t.match(await report, { trigger: 'bucket', added: 0, conditions: [] });
  faults.modified.delete('1.csv');
  t.match(await fixture.run(), { added: 1, conditions: [] });
});

t.test('another definition that matches nothing publishes no rows, and is red', async (t) => {
  const changes: { definition: Definition } = { definition: USERS };
  const fixture = await makeFixture(t, changes);
  fixture.put('people/1.csv', record('Ada', 'Lovelace', 1));
  t.match(await fixture.start(), { added: 1, conditions: [] });
  await fixture.stop();
  changes.definition = { ...USERS, records: 'folk/{user_id}.csv' };
  const report = await fixture.start();
  t.match(report, { published: true, generation: 2 });
  t.match(
    detailOf(report),
    /records: folk\/\{user_id\}\.csv, .*none is a record, for example people\/1\.csv$/,
  );
  t.same(fixture.rows(), []);
  await fixture.stop();
  changes.definition = { ...USERS, records: 'people/{user_id}.csv' };
  t.match(await fixture.start(), { added: 1, generation: 3, conditions: [] });
});
