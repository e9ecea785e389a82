import fs from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import type { Test } from 'tap';

/** The reason to skip browser tests; false when there is a browser. */
export const noBrowser: string | false =
  findChromium() === undefined ? 'no Chromium was found (apt-get install chromium)' : false;

/** Debian's Chromium, or the one in `CHROMIUM`. */
function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/bin'];
  return folders.map((folder) => path.join(folder, 'chromium')).find((file) => fs.existsSync(file));
}

/** Starts a browser without background requests. */
export async function launchBrowser(): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
  ];
  return await chromium.launch({ executablePath: findChromium() ?? 'chromium', args });
}

/** A browser of a test and its subtests. */
export async function openBrowser(t: Test) {
  const browser = await launchBrowser();
  t.teardown(() => browser.close());

  return {
    /**
     * Opens a page. The test fails on requests to another host, policy violations and console errors.
     *
     * @param isAway whether errors of an unreachable service are expected
     */
    async visit(t: Test, url: string, options: BrowserContextOptions = {}, isAway = false): Promise<Page> {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      t.teardown(() => context.close());
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      page.on('request', (request) => {
        if (!request.url().startsWith(new URL(url).origin)) t.fail(`it asks another host: ${request.url()}`);
      });
      page.on('pageerror', (error) => t.error(error));
      page.on('console', (message) => {
        const isComplaint = message.type() === 'error' || message.type() === 'warning';
        if (isComplaint && !(isAway && /^Failed to load resource/.test(message.text())))
          t.fail(message.text());
      });
      await page.goto(url);
      return page;
    },
  };
}

/** A figure of the page's first row, by its name. */
export const figure = (page: Page, name: string): Locator =>
  page
    .locator('.now dl > div')
    .filter({ has: page.locator('dt', { hasText: name }) })
    .locator('b');

/** Waits until a part of the page contains a text. */
export async function says(part: Locator, text: string | RegExp): Promise<void> {
  await part.filter({ hasText: text }).first().waitFor({ state: 'attached' });
}

/** Waits for a row of the table and returns it. */
export async function rowOf(page: Page, userId: string): Promise<Locator> {
  const row = page.locator('#rows tbody tr').filter({ has: page.getByText(userId, { exact: true }) });
  await row.waitFor();
  return row;
}

/** The ids of the rendered rows. */
export const listed = (page: Page): Promise<string[]> => page.locator('#rows td.id').allTextContents();
