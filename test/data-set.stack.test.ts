import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ownNatsIsMissing } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing } from '@landfall/test-servers/s3-server';
import t from 'tap';
import { ask, setUpStack, until } from './_stack.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? false;
const DATASETS = fileURLToPath(new URL('../datasets/', import.meta.url));

t.test('the seeder and both services follow DATASET_FILE, over real servers', { skip }, async (t) => {
  const stack = await setUpStack(t, { DATASET_FILE: `${DATASETS}invoices.json` });
  const { query, ingestor, store, sourceBucket } = stack;
  await stack.runSeeder();
  query.start();
  ingestor.start();
  const { body } = await until(
    'data',
    () => ask<{ invoice_id: string }[]>(`${query.url}/data`),
    ({ status }) => status === 200,
  );
  t.equal(body?.length, 24);
  t.match(body?.[0], {
    invoice_id: '2026-0001',
    total: 5.5,
    paid: true,
    scan_path: `${sourceBucket}/documents/2026-0001/source.pdf`,
  });
  const scan = await fetch(`${query.url}/data/2026-0001/scan`);
  const original = fs.readFileSync(`${DATASETS}invoices/documents/2026-0001/source.pdf`);
  t.ok(Buffer.from(await scan.arrayBuffer()).equals(original), 'the bytes of the file');

  const record = { supplier: 'New', issued: '2026-11-28', total: 1.25, currency: 'EUR', paid: false };
  await store.put(sourceBucket, 'documents/new/result.json', Buffer.from(JSON.stringify(record)));
  await until(
    'the new invoice',
    () => ask<object>(`${query.url}/data/new`),
    ({ status }) => status === 200,
  );
  t.match((await ask(`${query.url}/data/new`)).body, { ...record, invoice_id: 'new', scan_path: null });

  const keys = async () => (await Array.fromAsync(store.list(sourceBucket))).flat().map(({ key }) => key);
  const before = await keys();
  await store.remove(sourceBucket, 'documents/2026-0001/source.pdf');
  await stack.runSeeder();
  t.same(
    await keys(),
    before.filter((key) => key !== 'documents/2026-0001/source.pdf'),
    'what was removed stays removed',
  );
});
