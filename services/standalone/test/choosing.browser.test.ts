import t, { type Test } from 'tap';
import { figure, listed, noBrowser, openBrowser, rowOf, says } from '../../../test/_browser.ts';
import { until } from '../../../test/_stack.ts';
import { HEADER, makeApi } from './_api.ts';

const skip = noBrowser;
/** A picture of one dot. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const HOSTILE = '<img onerror=document.title=`taken` src=x>';

t.test('filtering in a browser', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const url = await serveUsers(t);

  t.test('rows with images', async (t) => {
    const page = await browser.visit(t, url);
    await says(figure(page, 'Users'), /^60$/);
    await says(figure(page, 'With an image'), '50 %');
    await says(figure(page, 'Generation'), /^1$/);
    await says(figure(page, 'Rejects'), /^1$/);
    await says(page.locator('.condition'), 'Healthy');
    await says(page.locator('.rejects li'), /broken\.csv\s+missing_column/);
    await says(page.locator('.runs tbody tr'), /Start.*\+60/s);
    t.equal(await page.locator('.plot g[data-from="40"] rect').count(), 2, 'a bar has two parts');
    const picture = (await rowOf(page, '10')).locator('img');
    await until(
      'a picture',
      () => picture.evaluate((node) => 'naturalWidth' in node && node.naturalWidth),
      (width) => width === 1,
    );
    t.equal(await (await rowOf(page, '11')).locator('.portrait').textContent(), 'FL');
    t.equal(await (await rowOf(page, '10')).locator('td.years').textContent(), '10');
  });

  t.test('a name cannot become markup', async (t) => {
    const page = await browser.visit(t, `${url}/?max_age=1&sort=first_name`);
    const row = await rowOf(page, '01');
    t.equal(await row.locator('td.text').first().textContent(), HOSTILE);
    t.equal(await page.locator('#rows td.text *').count(), 0);
    t.equal(await page.title(), 'Users · Landfall');
  });

  t.test('by typing ages', async (t) => {
    const page = await browser.visit(t, url);
    await page.getByLabel('Minimum age').first().fill('20');
    await page.getByRole('textbox', { name: 'Maximum age' }).fill('29');
    await says(page.locator('.matching'), '10 of 60 users');
    t.same(
      await listed(page),
      Array.from({ length: 10 }, (_, i) => String(20 + i)),
    );
    t.equal(page.url(), `${url}/?min_age=20&max_age=29`);
    await says(page.locator('#call-url'), `${url}/data?min_age=20&max_age=29`);
    await says(page.locator('#call-curl'), `curl '${url}/data?min_age=20&max_age=29'`);

    await page.getByRole('textbox', { name: 'Minimum age' }).fill('30');
    await says(page.locator('.fault'), 'greater than');
    t.equal(page.url(), `${url}/?min_age=20&max_age=29`, 'what can’t be meant changes nothing');
    await page.getByRole('textbox', { name: 'Minimum age' }).fill('3o');
    await says(page.locator('.fault'), 'whole number');
    await page.getByRole('button', { name: 'Clear' }).click();
    await says(page.locator('.matching'), /^60 users/);
    t.equal(await page.getByRole('textbox', { name: 'Minimum age' }).inputValue(), '');
    await page.goBack();
    await says(page.locator('.matching'), '10 of 60 users');
    t.equal(await page.getByRole('textbox', { name: 'Maximum age' }).inputValue(), '29');
  });

  t.test('by dragging over the ages', async (t) => {
    const page = await browser.visit(t, url);
    await says(page.locator('.matching'), /^60 users/);
    const plot = await page.locator('.plot').boundingBox();
    t.ok(plot);
    if (!plot) return;
    // The chart goes from 0 to 80 years.
    const at = (age: number) => plot.x + (plot.width * (age + 0.5)) / 80;
    const y = plot.y + plot.height / 2;
    await page.mouse.move(at(45), y);
    await says(page.locator('.pointed'), '45 years: 1 user, 0 with an image');
    await page.mouse.down();
    await page.mouse.move(at(30), y, { steps: 5 });
    await says(page.locator('.pointed'), '30 to 45 years');
    await page.mouse.up();
    await says(page.locator('.matching'), '16 of 60 users');
    t.equal(page.url(), `${url}/?min_age=30&max_age=45`);
    t.equal(await page.locator('.plot g.out').count(), 44, 'the others are shown still, set back');

    const handle = page.getByRole('slider', { name: 'Maximum age' });
    await handle.focus();
    await handle.press('ArrowLeft');
    await handle.press('PageDown');
    await says(page.locator('.matching'), '5 of 60 users');
    t.equal(await handle.getAttribute('aria-valuenow'), '34');
    await page.mouse.move(at(34) + plot.width / 160, y);
    await page.mouse.down();
    await page.mouse.move(at(39), y, { steps: 3 });
    await page.mouse.up();
    await says(page.locator('.matching'), '10 of 60 users');
    t.equal(page.url(), `${url}/?min_age=30&max_age=39`, 'a handle can be dragged, too');
  });

  t.test('by an address', async (t) => {
    const page = await browser.visit(t, `${url}/?is_image_exists=false&max_age=9&sort=-birthts&agee=1`);
    await says(page.locator('.matching'), '5 of 60 users');
    t.same(await listed(page), ['01', '03', '05', '07', '09']);
    t.ok(await page.getByRole('radio', { name: 'Without' }).isChecked());
    await says(page.locator('.fault'), 'agee=1');
    await page.getByRole('radio', { name: 'With', exact: true }).check();
    await until(
      'others',
      () => listed(page),
      (ids) => ids[0] === '00',
    );
    t.equal(page.url(), `${url}/?is_image_exists=true&max_age=9&sort=-birthts`);
  });

  t.test('sorted by each heading, both ways', async (t) => {
    const page = await browser.visit(t, url);
    const heading = (name: string) => page.locator('#rows').getByRole('columnheader', { name, exact: true });
    for (const [name, order, first] of [
      ['User', 'descending', '59'],
      ['Age', 'ascending', '00'],
      ['Age', 'descending', '59'],
      ['Last name', 'ascending', '59'],
      ['First name', 'ascending', '01'],
      ['Born', 'ascending', '59'],
    ] as const) {
      await heading(name).getByRole('button').click();
      await until(
        `${name} ${order}`,
        () => listed(page),
        (ids) => ids[0] === first,
      );
      t.equal(await heading(name).getAttribute('aria-sort'), order);
    }
  });

  t.test('copied as a command', async (t) => {
    const page = await browser.visit(t, `${url}/?min_age=7`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Copy curl' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    t.equal(await page.evaluate('navigator.clipboard.readText()'), `curl '${url}/data?min_age=7'`);
  });
});

/** A user of each age up to 59, named by it; those of an even age have a picture. */
async function serveUsers(t: Test): Promise<string> {
  const api = await makeApi(t);
  api.time.now = Date.now();
  const year = new Date().getUTCFullYear();
  for (let age = 0; age < 60; age++) {
    const id = String(age).padStart(2, '0');
    const birth = age === 0 ? api.time.now - 1_000 : Date.UTC(year - age, 0, 1);
    const first = id === '01' ? HOSTILE : 'First';
    api.put(`${id}.csv`, `${HEADER}"${first}", Last ${99 - age}, ${birth}\n`);
    if (age % 2 === 0) api.put(`${id}.png`, DOT);
  }
  api.put('broken.csv', 'nothing of use');
  await api.ingest();
  return api.address;
}
