import { ingestProgress } from '@landfall/contracts/messages/events';
import type { RunProgress } from '@landfall/contracts/messages/run';
import t from 'tap';
import { figure, noBrowser, openBrowser, rowOf, says } from '../../../test/_browser.ts';
import { HEADER, makeApi } from './_api.ts';

const skip = noBrowser;

t.test('runs in a browser', { skip }, async (t) => {
  const browser = await openBrowser(t);

  t.test('a requested run: progress and result', async (t) => {
    const api = await makeApi(t);
    const gate = Promise.withResolvers<void>();
    let isShut = false;
    const store = {
      ...api.store,
      async *list(bucket: string, prefix?: string) {
        if (isShut && bucket === 'src-data') await gate.promise;
        yield* api.store.list(bucket, prefix);
      },
    };
    api.put('1.csv', `${HEADER}First, Last, 1\n`);
    await api.ingest({ store });
    isShut = true;
    const page = await browser.visit(t, api.address);
    await says(figure(page, 'Users'), /^1$/);
    api.put('2.csv', `${HEADER}Second, Last, 2\n`);
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByRole('button', { name: 'Running…' }).waitFor();
    await page.getByRole('progressbar').waitFor();
    await says(page.locator('.live'), 'Listing the bucket');
    gate.resolve();
    await says(page.locator('.outcome'), /Done: 2 files in .*1 added, 0 updated, 0 removed: generation 2/);
    await page.getByRole('button', { name: 'Run now' }).waitFor();
    t.match(await (await rowOf(page, '2')).textContent(), 'Second');
    await page.getByRole('button', { name: 'Run now' }).click();
    await says(page.locator('.outcome'), 'no changes');
    await says(page.locator('.runs tbody tr').first(), /Request.*no change/s);
  });

  t.test('progress, rate and remaining time of any run', async (t) => {
    const api = await makeApi(t);
    await api.ingest();
    const page = await browser.visit(t, api.address);
    await says(page.locator('.condition'), 'Healthy');
    const run: RunProgress = {
      run_id: 'long',
      trigger: 'schedule',
      status: 'running',
      started_at: new Date(api.time.now + 60_000).toISOString(),
      phase: 'fetch',
      done: 2_500,
      total: 10_000,
      rate: 1_250.4,
      remaining_ms: 6_000,
    };
    api.bus.publish(ingestProgress('long'), run);
    await says(page.locator('.live'), 'Reading files2,500 of 10,000 · 1,250/s · about 6.0 s left');
    const bar = page.getByRole('progressbar');
    t.equal(await bar.evaluate((node) => 'position' in node && node.position), 0.25);
    api.bus.publish(ingestProgress('long'), { ...run, phase: 'publish', done: 9_000, remaining_ms: 800 });
    await says(page.locator('.live'), 'Publishing9,000 of 10,000');
    t.equal(await bar.evaluate((node) => 'position' in node && node.position), 0.9);
  });

  t.test('a run with held removals, and applying them', async (t) => {
    const api = await makeApi(t);
    for (let i = 0; i < 101; i++) api.put(`${i}.csv`, `${HEADER}First, Last, ${i}\n`);
    await api.ingest();
    const page = await browser.visit(t, api.address);
    await says(figure(page, 'Users'), /^101$/);
    for (let i = 0; i < 60; i++) api.remove(`${i}.csv`);
    await page.getByRole('button', { name: 'Run now' }).click();
    await says(page.locator('.outcome'), '60 users without a file');
    t.equal(await figure(page, 'Users').textContent(), '101');
    await page.locator('.outcome').getByRole('button', { name: 'Apply the removals' }).click();
    await says(page.locator('.outcome'), '60 removed');
    await says(figure(page, 'Users'), /^41$/);
    await says(page.locator('.condition'), 'Healthy');
  });

  t.test('without an ingestor, the page and a run report it', async (t) => {
    const api = await makeApi(t);
    const page = await browser.visit(t, api.address, {}, true);
    await says(page.locator('.reasons'), 'no data set yet');
    await page.getByRole('button', { name: 'Run now' }).click();
    await says(page.locator('.outcome'), 'The ingestor did not respond');
    await says(page.locator('.reasons'), 'The ingestor does not answer');
    await api.ingest();
    await says(page.locator('.condition'), 'Healthy');
    await says(figure(page, 'Users'), /^0$/);
  });
});
