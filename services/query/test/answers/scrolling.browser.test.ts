import t from 'tap';
import { noBrowser, openBrowser, rowOf, says } from '../../../../test/_browser.ts';
import { until } from '../../../../test/_stack.ts';
import { usersNamed } from '../support/_generation.ts';
import { makeService } from '../support/_service.ts';

const USERS = 100_000;
/** Limit of the table rows in the page, for any number of users. */
const MOST_ROWS = 80;

t.test('a table of 100,000 users in a browser', { skip: noBrowser }, async (t) => {
  const { address, publish } = await makeService(t);
  const users = usersNamed('x', USERS).map((user) => ({ ...user, img_path: null }));
  await publish(1, users);
  const browser = await openBrowser(t);
  const page = await browser.visit(t, address);
  const [rows, foot] = [page.locator('#rows'), page.locator('.foot')];
  await says(foot, '100 of 100,000 rows loaded');

  await t.test('scrolls to its end and back', async (t) => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await rows.focus();
    const isAtEnd = async () => (await foot.textContent())?.includes('All 100,000 rows are listed');
    for (const deadline = Date.now() + 60_000; !(await isAtEnd()) && Date.now() < deadline; )
      await rows.press('End');
    await rows.press('End');
    const last = await rowOf(page, '199999');
    t.equal(await last.getAttribute('aria-rowindex'), String(USERS + 1));
    t.equal(await rows.locator('table').getAttribute('aria-rowcount'), String(USERS + 1));
    t.ok((await rows.locator('tr').count()) < MOST_ROWS);
    t.ok(
      requests.every((url) => /[?&](?:limit|histogram)=|\/image$/.test(url)),
      'each request has a limit',
    );

    await rows.press('Home');
    await rowOf(page, '100000');
    await rows.evaluate((node) => {
      node.scrollTop = 50_000 * 44;
    });
    await rowOf(page, '150000');
    t.ok((await rows.locator('tr').count()) < MOST_ROWS);
  });

  await t.test('keeps its position when a generation is loaded, and offers the newer one', async (t) => {
    const more = users.map((user, i) => (i < 3 ? { ...user, last_name: 'y' } : user));
    await publish(2, more);
    await says(foot, 'These rows are of generation 1');
    t.ok(await (await rowOf(page, '150000')).isVisible());
    await page.getByRole('button', { name: 'Show generation 2' }).click();
    await rowOf(page, '100000');
    await says(page.locator('#rows tbody'), /100000.*Ay/s);

    await rows.evaluate((node) => {
      node.scrollTop = 60 * 44;
    });
    await rowOf(page, '100060');
    await publish(3, more.slice(5));
    await says(page.locator('.now'), '99,995');
    await says(foot, /^100 of 99,995|^200 of 99,995/);
    const row = await rowOf(page, '100060');
    t.equal(await row.getAttribute('aria-rowindex'), '57', 'five rows before it were removed');
    await until(
      'the scroll position is that of the same row',
      () => rows.evaluate((node) => node.scrollTop),
      (top) => top === 55 * 44,
    );
  });
});
