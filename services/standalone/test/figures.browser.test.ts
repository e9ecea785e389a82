import type { Page } from 'playwright-core';
import t from 'tap';
import { figure, noBrowser, openBrowser, says } from '../../../test/_browser.ts';
import { until } from '../../../test/_stack.ts';
import { HEADER, makeApi } from './_api.ts';

const skip = noBrowser;
const WIDTHS = [1280, 768, 360, 320];
/** A language, and how it writes these numbers. */
const LANGUAGES: [locale: string, million: RegExp, some: RegExp][] = [
  ['en-US', /^12,000,000$/, /^1,538$/],
  ['de-DE', /^12\.000\.000$/, /^1\.538$/],
  ['fr-FR', /^12\s000\s000$/, /^1\s538$/],
  ['hi-IN', /^1,20,00,000$/, /^1,538$/],
  ['ar-EG', /^12[,.٬]000[,.٬]000$/, /^1[,.٬]538$/],
];

/** Statistics with as many digits as a number can have. */
const LARGE = { average_age: 1_200_959_900_657_528.5, min_age: 0, max_age: 9_007_199_254_740_991 };

t.test('figures are never truncated, at any width and language', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const api = await makeApi(t);
  const long = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(4);
  api.put(`${'id'.repeat(60)}.csv`, `${HEADER}${long}, ${long}, 5\n`);
  api.put(`${'broken'.repeat(30)}.csv`, 'broken');
  for (let i = 0; i < 20; i++) api.put(`${1_000 + i}.csv`, `${HEADER}First, Last, ${i * 8_000_000_000}\n`);
  await api.ingest();

  for (const [locale, million, some] of LANGUAGES) {
    const page = await browser.visit(t, api.address, { locale, viewport: { width: 1280, height: 900 } });
    await page.route(/\/stats/, (route) => change(route, { ...LARGE, count: 12_000_000, with_image: 1_538 }));
    await page.route(/\/runs$/, (route) =>
      change(route, {
        listed: 12_000_000,
        fetched: 12_000_000,
        added: 12_000_000,
        updated: 12_000_000,
        removed: 12_000_000,
      }),
    );
    await page.reload();
    // Narrower each time, as a window is resized: a page per width took four times as long.
    for (const width of WIDTHS) {
      await t.test(`${locale}, ${width} px`, async (t) => {
        await page.setViewportSize({ width, height: 900 });
        await says(figure(page, 'Users'), million);
        await says(page.locator('.now small'), some);
        if (process.env.SCREENSHOTS) {
          await page.screenshot({
            path: `${process.env.SCREENSHOTS}/${locale}-${width}.png`,
            fullPage: true,
          });
        }
        // A figure is fitted to its place in the frame after the one that shows it.
        const found = await until(
          'figures',
          () => cut(page),
          (all) => all.length === 0,
        ).catch(() => cut(page));
        t.same(found, [], 'nothing is cut');
        const sizes = `[...document.querySelectorAll('.now b')].map((b) => Number.parseFloat(getComputedStyle(b).fontSize))`;
        t.ok(await page.evaluate(`${sizes}.every((size) => size >= 12)`), 'everything can be read');
        t.equal(await page.evaluate('document.documentElement.scrollWidth'), width, 'nothing sticks out');
      });
    }
    await page.close();
  }
});

type Route = Parameters<Parameters<Page['route']>[1]>[0];

/** Answers as the service does, with some members changed. */
async function change(route: Route, changes: Record<string, unknown>): Promise<void> {
  const response = await route.fetch();
  const body: unknown = await response.json();
  const json = Array.isArray(body)
    ? body.map((each) => ({ ...each, ...changes }))
    : { ...Object(body), ...changes };
  await route.fulfill({ response, json });
}

/** The figures of which some part is not seen: beyond their own box, or beyond the panel around them. */
async function cut(page: Page): Promise<string[]> {
  return await page.evaluate(`
    [...document.querySelectorAll('.now dt, .now dd, .now b, .now small, .runs td, .runs th, .badge, .foot, .tallest, .legend')]
      .filter((each) => {
        const box = each.getBoundingClientRect();
        if (box.width === 0 || each.closest('.unseen') || each.textContent.trim() === '') return false;
        if (each.textContent === each.querySelector('.unseen')?.textContent) return false;
        const range = document.createRange();
        range.selectNodeContents(each);
        const text = range.getBoundingClientRect();
        const outer = each.closest('.panel');
        const panel = outer.getBoundingClientRect();
        // Of a table, columns that are too wide go over the panel's padding first.
        const padding = each.closest('td, th') ? Number.parseFloat(getComputedStyle(outer).paddingInlineEnd) : 0;
        const isInline = getComputedStyle(each).display === 'inline';
        return (!isInline && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0) ||
          text.right > panel.right - padding + 1 || text.left < panel.left + padding - 1;
      })
      .map((each) => each.outerHTML.slice(0, 120))`);
}
