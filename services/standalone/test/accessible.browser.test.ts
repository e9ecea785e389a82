import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { figure, noBrowser, openBrowser, says } from '../../../test/_browser.ts';
import { HEADER, makeApi } from './_api.ts';

const skip = noBrowser;
const PHONE = { width: 360, height: 740 };
const WALL = { width: 2560, height: 1300 };

t.test('the page is accessible', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const api = await makeApi(t);
  for (let i = 0; i < 200; i++) api.put(`${1_000 + i}.csv`, `${HEADER}First, Last, ${i * 8_000_000_000}\n`);
  for (const key of ['a.csv', 'b.csv', 'c.csv']) api.put(key, 'broken');
  await api.ingest();

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [where, viewport] of Object.entries({ phone: PHONE, wall: WALL })) {
      t.test(`${colorScheme}, on a ${where}`, async (t) => {
        const page = await browser.visit(t, `${api.address}/?min_age=20&max_age=50`, {
          colorScheme,
          viewport,
        });
        await says(figure(page, 'Users'), /^200$/);
        await says(page.locator('.condition'), 'Healthy');
        t.same(await violations(page), []);
        const wide = await page.evaluate('document.documentElement.scrollWidth');
        t.equal(wide, viewport.width, 'nothing sticks out');
      });
    }
  }

  t.test('with conditions and invalid input', async (t) => {
    for (let i = 0; i < 150; i++) api.remove(`${1_000 + i}.csv`);
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.visit(t, api.address, { colorScheme });
      await says(figure(page, 'Users'), /^200$/);
      await page.getByRole('button', { name: 'Run now' }).click();
      await says(page.locator('.reasons'), 'Clears when: the files come back');
      await page.locator('.reasons').getByRole('button', { name: 'Apply the removals' }).waitFor();
      await says(page.locator('.outcome'), '150 users without a file');
      await page.getByRole('textbox', { name: 'Minimum age' }).fill('x');
      await says(page.locator('.fault'), 'whole number');
      t.same(await violations(page), []);
    }
  });

  t.test('the layout is stable while data arrives', async (t) => {
    const page = await browser.visit(t, api.address);
    await says(figure(page, 'Users'), /^200$/);
    await says(page.locator('.rejects li').first(), 'a.csv');
    const places = () =>
      Promise.all(
        ['.now', '.plot', '#rows', '.call', '.runs thead', '#changes', '#rejects'].map((part) =>
          page.locator(part).boundingBox(),
        ),
      );
    const before = await places();
    api.put('1000.csv', `${HEADER}Anew, Last, 5\n`);
    await api.ask('/data?force=true', { method: 'POST' });
    await says(page.locator('.changes li').first(), 'removed');
    t.same(await places(), before);
  });

  t.test('with the keyboard only', async (t) => {
    const page = await browser.visit(t, api.address);
    await says(figure(page, 'Users'), /^51$/);
    await reach(t, page, 'Skip to the users');
    await page.keyboard.press('Enter');
    t.equal(await page.evaluate('document.activeElement.id'), 'rows');
    for (const name of ['Minimum age', 'Maximum age', 'Copy URL', 'Copy curl', 'Run now'])
      await reach(t, page, name);
  });
});

/** Presses Tab until what has this name has the focus. */
async function reach(t: Test, page: Page, name: string): Promise<void> {
  const named = `(({ textContent, ariaLabel }) => ariaLabel ?? textContent)(document.activeElement)`;
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate(named)) === name) return;
  }
  t.fail(`${name} can’t be reached`);
}

/** What axe has to say, with where. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results: AxeResults = await page.evaluate('axe.run()');
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
