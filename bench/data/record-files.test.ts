import { USERS } from '@landfall/contracts/dataset/users';
import { recordParser } from '@landfall/ingestor/parse/parse';
import { isFault } from '@landfall/ingestor/source/record';
import t from 'tap';
import { plainRecord, userFiles } from './record-files.ts';

t.test('rows are deterministic, and a larger set starts with the smaller', async (t) => {
  const some = [...userFiles(100)];
  t.same([...userFiles(100)], some);
  t.same([...userFiles(200)].slice(0, 100), some);
  t.equal(new Set([...userFiles(2_000)].map(({ id }) => id)).size, 2_000);
});

t.test('almost all records are valid, a few are not, and 60% have an image', async (t) => {
  const users = [...userFiles(20_000)];
  const broken = users.filter(({ record }) => isFault(recordParser(USERS).parse(Buffer.from(record)))).length;
  t.ok(broken > 0 && broken < 100, `${broken} are broken`);
  const images = users.filter(({ hasImage }) => hasImage).length;
  t.ok(images > 11_000 && images < 13_000, `${images} have an image`);
});

t.test('a plain record can be read', async (t) => {
  t.match(recordParser(USERS).parse(Buffer.from(plainRecord(5))), { birthts: 5 });
});
