import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@landfall/test-servers/server-process';
import { launchBrowser, noBrowser, says } from '../test/_browser.ts';
import { ask, until } from '../test/_stack.ts';

/** Makes the README's screenshots of the dashboard, with the demo data and some added files. */

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const MAIN = fileURLToPath(new URL('../services/standalone/src/main.ts', import.meta.url));
const SHOTS = [
  { name: 'dashboard-light', colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  { name: 'dashboard-dark', colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  { name: 'dashboard-phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const;
const HEADER = 'first_name, last_name, birthts\n';
const DROPPED = {
  'ada.csv': `${HEADER}Ada, Lovelace, -4861728000000\n`,
  'grace.csv': `${HEADER}Grace, Hopper, -1989360000000\n`,
  '1005.csv': `${HEADER}Noah, Thompson-Reed, -563500800000\n`,
  'mary.csv': `${HEADER}Mary, Somerville\n`,
};

if (noBrowser) throw new Error(noBrowser);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-screenshots-'));
const url = `http://127.0.0.1:${await freePort()}`;
const env = { PATH: process.env.PATH, DATA_DIR: folder, PORT: new URL(url).port };
const landfall = spawn(process.execPath, [MAIN], { env, stdio: 'ignore' });
const browser = await launchBrowser();
try {
  const users = async () => (await ask<{ count: number }>(`${url}/stats`)).body?.count;
  await until('the demo users', users, (count) => count === 120);
  const pages = [];
  for (const { name, ...options } of SHOTS) {
    const page = await browser.newPage(options);
    await page.goto(`${url}/?min_age=18&max_age=65`);
    await says(page.locator('.condition'), 'Healthy');
    pages.push({ name, page });
  }
  for (const [name, text] of Object.entries(DROPPED)) {
    fs.writeFileSync(path.join(folder, 'src-data', name), text);
    const seen = name === 'mary.csv' ? '.rejects li' : '.changes li';
    for (const { page } of pages) await says(page.locator(seen), path.parse(name).name);
  }
  fs.mkdirSync(IMAGES, { recursive: true });
  for (const { name, page } of pages) {
    await page.locator('.flash').first().waitFor({ state: 'detached' });
    await page.screenshot({ path: path.join(IMAGES, `${name}.png`), animations: 'disabled' });
  }
} finally {
  await browser.close();
  const ended = once(landfall, 'exit');
  landfall.kill('SIGTERM');
  await ended;
  fs.rmSync(folder, { recursive: true, force: true });
}
