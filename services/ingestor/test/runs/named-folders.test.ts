import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { makeFixture, record } from '../support/_ingestor.ts';

/** Records in a folder that tools have, with older copies in another one. */
const ARCHIVED: Definition = {
  ...USERS,
  records: '.archive/{user_id}.csv',
  companions: [{ name: 'image', files: '**/@eaDir/{user_id}.png', column: 'img_path' }],
};

t.test('a pattern that names a tool’s folder has its files, in listings and events', async (t) => {
  const fixture = await makeFixture(t, { definition: ARCHIVED });
  fixture.put('.archive/1.csv', record('Ada', 'Lovelace', 1));
  fixture.put('a/@eaDir/1.png', 'a face');
  for (const key of [
    '.archive/.trash/1.csv',
    '.archive/.2.csv',
    '.git/.archive/1.csv',
    '@eaDir/.archive/1.csv',
  ])
    fixture.put(key, record('Old', 'Copy', 1));
  t.match(await fixture.start(), { status: 'succeeded', added: 1, rejected: 0, passed_over: 4, listed: 6 });
  t.same(fixture.rows(), ['1,Ada,Lovelace,1,src-data/a/@eaDir/1.png']);

  const reportAfter = async (...keys: string[]) => {
    const report = fixture.nextReport();
    fixture.sendEvent(keys);
    return await report;
  };
  fixture.put('.archive/3.csv', record('Alan', 'Turing', 2));
  t.match(await reportAfter('.archive/.trash/3.csv', '.archive/3.csv'), {
    trigger: 'bucket',
    added: 1,
    listed: 1,
  });
  fixture.remove('a/@eaDir/1.png');
  t.match(await reportAfter('a/@eaDir/1.png'), { updated: 1 });
  fixture.remove('.archive/1.csv');
  t.match(await reportAfter('.archive/1.csv'), { removed: 1 });
  t.same(fixture.rows(), ['3,Alan,Turing,2,']);
  t.match(await fixture.run(), { published: false, passed_over: 4, listed: 5, unchanged: 1 });
});
