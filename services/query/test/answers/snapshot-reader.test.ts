import path from 'node:path';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
import { openStateFile } from '@landfall/state-file/state-file';
import t from 'tap';
import { databaseLayout } from '../../src/database/schema.ts';
import { openSnapshotReader } from '../../src/database/snapshot-reader.ts';

t.test('a generation that is committed during an event-loop turn can be read in that turn', async (t) => {
  const file = path.join(t.testdir(), 'data-set.sqlite');
  const db = openStateFile(file, databaseLayout(DEFINITION), () => undefined);
  const insert = db.prepare('INSERT INTO __generations VALUES (?, ?, ?)');
  const generations = () => reader.rows<[number]>('SELECT generation FROM __generations').flat();
  insert.run(1, 'one', '');
  const reader = openSnapshotReader(file);
  t.same(reader.at({ generation: 1, version: 'one' }, generations), [1]);
  insert.run(2, 'two', '');
  t.same(reader.at({ generation: 1, version: 'one' }, generations), [1], 'one turn reads one snapshot');
  t.same(
    reader.at({ generation: 2, version: 'two' }, generations),
    [1, 2],
    'unless the snapshot lacks the generation',
  );
  t.throws(() => reader.at({ generation: 3, version: 'three' }, generations), { code: 'generation_gone' });
  t.throws(() => reader.at({ generation: 2, version: 'other' }, generations), { code: 'generation_gone' });
  reader.close();
  db.close();
});
