import fs from 'node:fs';
import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import axe, { type AxeResults } from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { figure, listed, noBrowser, openBrowser, says } from '../../../test/_browser.ts';
import { makeFolder, serveFiles } from '../../../test/_serve-definition.ts';
import { until } from '../../../test/_stack.ts';

const PHONE = { width: 390, height: 844 };
/** A picture of one dot. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const LONG = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(20);

/** Every type, optional and not, three companions, and 20 columns. */
const FINDS: Definition = {
  name: 'old_finds',
  one: 'old_find',
  description: 'What was found below the old town.',
  records: 'finds/{find_id}/record.json',
  fields: [
    { name: 'place', type: 'string' },
    { name: 'finder', type: 'string', optional: true },
    { name: 'material', type: 'enum', values: ['bone', 'clay', 'iron', 'gold', 'silver'], optional: true },
    { name: 'shown', type: 'boolean' },
    { name: 'depth', type: 'integer', optional: true },
    { name: 'price', type: 'decimal', scale: 2 },
    { name: 'found', type: 'date', asked_as: 'dug_up' },
    { name: 'weighed', type: 'timestamp', unit: 's' },
    { name: 'checked', type: 'timestamp', unit: 'iso', optional: true },
    ...Array.from({ length: 8 }, (_, i) => ({ name: `note_${i}`, type: 'string' as const })),
  ],
  companions: [
    { name: 'report', files: 'finds/{find_id}/report.pdf', column: 'report_path' },
    { name: 'photo', files: 'finds/{find_id}/photo.{png,jpg}', column: 'photo_path' },
    { name: 'sketch', files: 'finds/{find_id}/sketch.png', column: 'sketch_path' },
  ],
  derived: [{ name: 'years', years_since: 'found', maximum: 300 }],
  statistics: ['price', 'depth', 'years'],
};

const MATERIALS = ['bone', 'clay', 'iron', 'gold', null];

/** 20 finds, 00 to 19. Each value of one can be told from its number. */
function files(): Record<string, string | Uint8Array> {
  const all: Record<string, string | Uint8Array> = {};
  for (let i = 0; i < 20; i++) {
    const folder = `finds/${String(i).padStart(2, '0')}`;
    const notes = Array.from({ length: 8 }, (_, note) => [`note_${note}`, i === 0 ? LONG : `Note ${note}`]);
    const record = JSON.stringify({
      place: i < 5 ? `Avenches ${i}` : `Basel ${i}`,
      finder: i % 4 === 0 ? null : 'Ada',
      material: MATERIALS[i % 5],
      shown: i % 2 === 0,
      depth: i % 10 === 9 ? null : 10 * i,
      price: 0,
      found: `${2000 + i}-01-01`,
      weighed: 1_000_000_000 + i * 86_400,
      checked: i % 2 === 0 ? '2026-05-01T12:34:56.789Z' : null,
      ...Object.fromEntries(notes),
    });
    // A decimal is checked on its text: 7.5 is no 7.50.
    all[`${folder}/record.json`] = record.replace('"price":0', `"price":${i}.50`);
    if (i < 10) all[`${folder}/report.pdf`] = '%PDF-1.4';
    if (i % 2 === 0) all[`${folder}/photo.png`] = DOT;
    if (i === 3) all[`${folder}/sketch.png`] = DOT;
  }
  return all;
}

const ids = (...numbers: number[]) => numbers.map((i) => String(i).padStart(2, '0'));
const range = (from: number, to: number) => ids(...Array.from({ length: to - from + 1 }, (_, i) => from + i));
const every = (isIn: (i: number) => boolean) => ids(...Array.from({ length: 20 }, (_, i) => i).filter(isIn));

t.test('a data set with every type, in a browser', { skip: noBrowser }, async (t) => {
  const folder = makeFolder(t, files());
  const { query } = await serveFiles(t, folder, FINDS);
  const url = query.address;
  const browser = await openBrowser(t);

  await t.test('words, columns and values', async (t) => {
    const page = await browser.visit(t, url);
    await says(figure(page, 'Old finds'), /^20$/);
    t.equal(await page.title(), 'Old finds · Landfall');
    await says(page.locator('.matching'), '20 old finds');
    await says(page.locator('.about'), 'below the old town');
    await says(figure(page, 'Average price'), /^10\.00$/);
    await says(page.locator('.now'), /Median price10\.00sum 200\.00/);
    await says(figure(page, 'With a depth'), '90 %');
    const headings = await page.locator('#rows thead th').allTextContents();
    t.same(
      headings.map((heading) => heading.trim()),
      [
        'Photo',
        'Old find',
        'Place',
        'Finder',
        'Material',
        'Shown',
        'Depth',
        'Price',
        'Dug up',
        'Years',
        'Weighed',
        'Checked',
        'Note 0',
        'Note 1',
        'Note 2',
        'Note 3',
        'Note 4',
        'Note 5',
        'Note 6',
        'Note 7',
        'Report',
        'Sketch',
      ],
    );
    const row = await foundRow(page, '03');
    const cell = (name: string) =>
      row.locator(`td:nth-child(${headings.findIndex((each) => each.trim() === name) + 1})`);
    for (const [name, text, title] of [
      ['Place', 'Avenches 3', 'Avenches 3'],
      ['Material', 'gold', 'gold'],
      ['Shown', 'no', 'no'],
      ['Depth', '30', '30'],
      ['Price', '3.50', '3.50'],
      ['Dug up', '2003-01-01', '2003-01-01'],
      ['Weighed', '2001-09-12 01:46', '1000259200 (2001-09-12T01:46:40.000Z)'],
      ['Report', 'pdf', null],
    ] as const) {
      t.equal((await cell(name).textContent())?.trim(), text, name);
      t.equal(await cell(name).getAttribute('title'), title, name);
    }
    t.equal(await cell('Checked').textContent(), '–');
    t.equal(await cell('Checked').getByTitle('missing').count(), 1);
    const report = cell('Report').getByRole('link', { name: 'Report of 03' });
    t.equal(await report.getAttribute('href'), '/data/03/report');
    t.equal((await fetch(`${url}/data/03/report`)).status, 200);
    t.equal(await (await foundRow(page, '12')).getByRole('link').count(), 0);
    t.equal(await (await foundRow(page, '00')).locator('.portrait').textContent(), '');
    t.equal(await (await foundRow(page, '01')).locator('.portrait').textContent(), '–', 'no initials');
    for (const picture of [
      (await foundRow(page, '02')).locator('.portrait img'),
      cell('Sketch').locator('img'),
    ]) {
      await picture.scrollIntoViewIfNeeded();
      await until(
        'a picture',
        () => picture.evaluate((node) => 'naturalWidth' in node && node.naturalWidth),
        (width) => width === 1,
      );
    }
  });

  await t.test('each filter changes the rows and the address', async (t) => {
    const page = await browser.visit(t, url);
    await says(page.locator('.foot'), 'All 20 rows');
    await page.locator('.more > summary').click();
    const filter = (name: string) => page.locator(`[data-filter="${name}"]`);
    const box = (name: string) => page.getByRole('textbox', { name, exact: true });
    const cases: [name: string, choose: () => Promise<unknown>, address: string, expected: string[]][] = [
      ['text', () => box('Place').fill('Bas'), 'place=Bas*', range(5, 19)],
      ['exact text', () => box('Place').fill('"Basel 7"'), 'place=Basel+7', ids(7)],
      ['ids', () => box('Find id').fill('03, 04'), 'find_id=03&find_id=04', ids(3, 4)],
      ['decimals', () => box('Minimum price').fill('17.51'), 'min_price=17.51', ids(18, 19)],
      ['integers', () => box('Maximum depth').fill('20'), 'max_depth=20', ids(0, 1, 2)],
      [
        'years',
        () => box('Minimum years').fill(String(new Date().getUTCFullYear() - 2000)),
        'min_years=',
        ids(0),
      ],
      [
        'days after',
        () => page.getByLabel('Dug up after').fill('2017-01-01'),
        'dug_up_after=2017-01-01',
        ids(18, 19),
      ],
      [
        'days before',
        () => page.getByLabel('Weighed before').fill('2001-09-10'),
        'weighed_before=2001-09-10',
        ids(0),
      ],
      [
        'boolean',
        () => filter('shown').getByRole('radio', { name: 'Yes' }).check(),
        'shown=true',
        every((i) => i % 2 === 0),
      ],
      [
        'companion',
        () => filter('report').getByRole('radio', { name: 'Without' }).check(),
        'is_report_exists=false',
        range(10, 19),
      ],
      [
        'missing text',
        () => filter('finder').getByRole('combobox').selectOption('missing'),
        'is_finder_exists=false',
        every((i) => i % 4 === 0),
      ],
      [
        'present time',
        () => filter('checked').getByRole('combobox').selectOption('present'),
        'is_checked_exists=true',
        every((i) => i % 2 === 0),
      ],
    ];
    for (const [name, choose, address, expected] of cases) {
      await choose();
      await shows(page, name, expected);
      t.match(page.url(), `${url}/?${address}`, name);
      await page.getByRole('button', { name: 'Clear' }).click();
      await shows(page, `${name}, cleared`, range(0, 19));
      t.equal(page.url(), `${url}/`);
    }
    const material = filter('material');
    await material.locator('summary').click();
    await material.getByText('gold').click();
    await material.getByText('bone').click();
    await shows(
      page,
      'choices',
      every((i) => i % 5 === 3 || i % 5 === 0),
    );
    t.equal(page.url(), `${url}/?material=bone&material=gold`);
    await says(material.locator('summary'), '2 chosen');
    await page.keyboard.press('Escape');
    t.equal(await material.locator('.list').isVisible(), false, 'Escape closes the list');
    await box('Minimum price').fill('1.555');
    await says(page.locator('.fault'), 'at most 2 digits');
    t.equal(page.url(), `${url}/?material=bone&material=gold`, 'an invalid text changes nothing');
  });

  await t.test('the histogram of a number, and of an enum', async (t) => {
    const page = await browser.visit(t, url);
    const slider = page.getByRole('slider', { name: 'Maximum price' });
    await slider.focus();
    await slider.press('Home');
    await slider.press('PageUp');
    await until(
      'a bound',
      async () => page.url(),
      (address) => /\?max_price=\d+\.\d\d$/.test(address),
    );
    await page.goto(`${url}/?max_price=4.50`);
    await shows(page, 'by an address', range(0, 4));
    t.equal(await page.getByRole('textbox', { name: 'Maximum price' }).inputValue(), '4.50');
    t.equal(await slider.getAttribute('aria-valuenow'), '4.5');
    t.ok((await page.locator('.plot g.out').count()) > 0, 'the others are shown still');

    await page.getByLabel('Histogram of').selectOption('Material');
    await says(page.locator('.categories li').last(), /missing\s*1/);
    t.equal(page.url(), `${url}/?max_price=4.50&histogram=material`);
    await page.locator('.categories').getByRole('button', { name: 'clay' }).click();
    await shows(page, 'a bar', ids(1));
    t.equal(page.url(), `${url}/?material=clay&max_price=4.50&histogram=material`);
    await page.locator('.categories').getByRole('button', { name: 'missing' }).click();
    await shows(page, 'missing values', ids(4));
    t.equal(page.url(), `${url}/?is_material_exists=false&max_price=4.50&histogram=material`);
    await page.getByLabel('Histogram of').selectOption('Years');
    await says(page.locator('.pointed'), 'Drag over the bars');
    await page.goBack();
    await says(page.locator('.categories [aria-pressed=true]'), 'missing');
  });

  await t.test('20 columns: sorted, scrolled sideways, and hidden', async (t) => {
    const page = await browser.visit(t, `${url}/?sort=-depth`);
    await until(
      'missing values come last',
      () => listed(page),
      (rows) => rows[0] === '18' && ['09', '19'].includes(rows.at(-1) ?? ''),
    );
    await page.getByRole('columnheader', { name: 'Years' }).getByRole('button').click();
    await until(
      'the least years',
      () => listed(page),
      (rows) => rows[0] === '19',
    );
    await stayUsable(t, page);
    await page.locator('.menu.up summary').click();
    await page.getByRole('checkbox', { name: 'Place' }).uncheck();
    await page.locator('#rows th[data-column=place]').waitFor({ state: 'detached' });
    await page.reload();
    await says(page.locator('.menu.up summary'), 'Columns: 20 of 21');
    t.equal(await page.locator('#rows th[data-column=place]').count(), 0, 'the choice is remembered');
  });

  await t.test('on a phone', async (t) => {
    const page = await browser.visit(t, `${url}/?shown=true`, { viewport: PHONE });
    await says(page.locator('.matching'), '10 of 20 old finds');
    await page.locator('.more > summary').click();
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), PHONE.width, 'nothing sticks out');
    await page.evaluate(axe.source);
    const { violations }: AxeResults = await page.evaluate('axe.run()');
    t.same(
      violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
      [],
    );
    await stayUsable(t, page);
  });

  await t.test('changes and rejects while it is open', async (t) => {
    const page = await browser.visit(t, `${url}/?sort=-find_id`);
    await says(page.locator('.foot'), 'All 20 rows');
    const put = (id: string, content: string) => {
      fs.mkdirSync(path.join(folder, 'source', 'finds', id));
      fs.writeFileSync(path.join(folder, 'source', 'finds', id, 'record.json'), content);
    };
    put('new', String(files()['finds/07/record.json']).replace('Basel 7', 'Chur'));
    put('bad', '{');
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.locator('#rows tr.flash', { hasText: 'Chur' }).waitFor();
    await says(page.locator('.changes li'), /added.*Chur Ada.*new/s);
    await says(page.locator('.rejects li'), /finds\/bad\/record\.json.*malformed_json/s);
    await says(page.locator('[role=status].unseen'), 'Old finds: 1 added.');
    await says(figure(page, 'Old finds'), /^21$/);
  });

  await t.test('another definition draws the page anew', async (t) => {
    const page = await browser.visit(t, `${url}/definition`, {}, true);
    let definition = { status: 503, name: 'none' };
    await page.route('**/definition', async (route) => {
      const { status, name } = definition;
      if (status !== 200) return await route.fulfill({ status, json: { detail: 'Wait.' } });
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...Object(await response.json()), name } });
    });
    // The first connection ends at once, as when the service stops; the second one has to wait.
    const gate = Promise.withResolvers<void>();
    let connections = 0;
    await page.route('**/events', async (route) => {
      connections++;
      if (connections === 1)
        return await route.fulfill({ contentType: 'text/event-stream', body: 'retry: 50\n\n' });
      await gate.promise;
      await route.continue();
    });
    await page.goto(url);
    await says(page.locator('#page'), 'Wait. The page tries again');
    definition = { status: 200, name: 'first_finds' };
    await says(page.locator('.matching'), '21 first finds');
    definition = { status: 200, name: 'second_finds' };
    gate.resolve();
    await says(page.locator('.matching'), '21 second finds');
  });
});

/** Waits for the row of an id; other cells may have the same text. */
async function foundRow(page: Page, id: string): Promise<Locator> {
  const row = page
    .locator('#rows tbody tr')
    .filter({ has: page.locator('td.id').getByText(id, { exact: true }) });
  await row.waitFor();
  return row;
}

/** Waits until the table lists these rows. */
const shows = (page: Page, what: string, expected: string[]) =>
  until(
    what,
    () => listed(page),
    (rows) => rows.join() === expected.join(),
  );

/** The table can be scrolled to its last column, and the id stays visible. */
async function stayUsable(t: Test, page: Page): Promise<void> {
  const table = page.locator('#rows');
  await table.evaluate((node) => {
    node.scrollLeft = node.scrollWidth;
  });
  const outer = await table.boundingBox();
  const id = await page.locator('#rows td.id').first().boundingBox();
  const last = await page.locator('#rows td:last-child').nth(0).boundingBox();
  t.ok(outer && id && last, 'they are drawn');
  if (!outer || !id || !last) return;
  t.ok(id.x >= outer.x && id.x + id.width < outer.x + outer.width, 'the id');
  t.ok(last.x >= outer.x && last.x + last.width <= outer.x + outer.width + 1, 'the last column');
}
