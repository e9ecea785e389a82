import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { appliesTo } from '../../services/query/src/load/applies-to.ts';
import { changeDataSet, dataSetUsers, makeDataSet } from './dataset.ts';

t.test('a generated data set and its change match their manifests', async (t) => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-data-set-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const first = makeDataSet(root, 2_000);
  t.same(makeDataSet(root, 2_000), first, 'always the same one');
  const file = (key: string) => fs.createReadStream(path.join(root, 'processed-data', key));
  t.same((await Array.fromAsync(rowCodec(USERS).readOutput(file(first.snapshot.key)))).flat(), [
    ...dataSetUsers(2_000),
  ]);

  const second = changeDataSet(root, 100);
  t.ok(second.delta && appliesTo(second.delta, first));
  const changes = (await Array.fromAsync(rowCodec(USERS).readDelta(file(second.delta?.key ?? '')))).flat();
  t.equal(new Set(changes.map(({ id }) => id)).size, 100);
});
