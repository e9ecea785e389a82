import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@landfall/test-servers/server-process';
import t, { type Test } from 'tap';
import { figure, noBrowser, openBrowser, rowOf, says } from '../../../test/_browser.ts';
import { ask, until } from '../../../test/_stack.ts';

const skip = noBrowser;
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const record = (first: string) => `first_name, last_name, birthts\n${first}, Lovelace, -4861728000000\n`;

t.test('an open page', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const landfall = await standalone(t);
  await landfall.start();
  const page = await browser.visit(t, `${landfall.url}/?sort=-user_id`, {}, true);
  await says(figure(page, 'Users'), /^120$/);

  await t.test('shows an added file and highlights changed rows', async (t) => {
    landfall.drop('ada.csv', record('Ada'));
    await page.locator('#rows tr.flash', { hasText: 'Ada' }).waitFor();
    await says(figure(page, 'Users'), /^121$/);
    await says(page.locator('.changes li').first(), /added.*Ada Lovelace/s);
    await says(page.locator('.runs tbody tr').first(), /Files changed.*\+1/s);
    t.equal(await page.locator('#rows td.id').first().textContent(), 'ada');
    landfall.drop('ada.csv', record('Augusta'));
    await page.locator('#rows tr.flash', { hasText: 'Augusta' }).waitFor();
    // Read in one step, at once: a highlight ends after a short time.
    const highlighted = await page.locator('#rows tr.flash').allTextContents();
    t.same(
      highlighted.filter((text) => !text.includes('Augusta')),
      [],
      'nobody else',
    );
    await says(page.locator('.changes li').first(), /updated.*Augusta/s);
    landfall.drop('broken.csv', 'nothing of use');
    await says(page.locator('.rejects li'), 'broken.csv');
    await says(figure(page, 'Rejects'), /^1$/);
    await page.locator('#rows tr.flash').waitFor({ state: 'detached' });
  });

  await t.test('recovers after an outage', async () => {
    await landfall.kill();
    await says(page.locator('.condition'), 'No connection');
    await says(page.locator('.reasons'), 'connection to the service is lost');
    landfall.drop('bea.csv', record('Bea'));
    landfall.remove('broken.csv');
    await landfall.start();
    await says(page.locator('.condition'), 'Healthy');
    await rowOf(page, 'bea');
    await says(figure(page, 'Users'), /^122$/);
    await says(page.locator('.changes li').first(), /added.*Bea/s);
    await says(page.locator('.rejects'), 'No rejects');
    landfall.remove('bea.csv');
    await says(figure(page, 'Users'), /^121$/);
    await says(page.locator('.changes li').first(), /removed.*bea/s);
  });
});

/** A standalone process at a fixed port. */
async function standalone(t: Test) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-dashboard-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = (name: string) => path.join(folder, 'src-data', name);
  let child: ChildProcess | undefined;

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }
  t.teardown(async () => {
    await kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  return {
    url,
    kill,
    async start(): Promise<void> {
      const { PATH, NODE_COMPILE_CACHE } = process.env;
      const env = { PATH, NODE_COMPILE_CACHE, DATA_DIR: folder, PORT: String(port) };
      child = spawn(process.execPath, [MAIN], { env, stdio: 'ignore' });
      const ready = () => ask<object>(`${url}/readyz`);
      await until('ready', ready, ({ status }) => status === 200);
    },
    drop: (name: string, text: string): void => fs.writeFileSync(file(name), text),
    remove: (name: string): void => fs.rmSync(file(name)),
  };
}
