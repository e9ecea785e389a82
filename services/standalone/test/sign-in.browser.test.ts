import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeToken, tokenLine } from '@landfall/query/access/token';
import t, { type Test } from 'tap';
import { figure, noBrowser, openBrowser, rowOf, says } from '../../../test/_browser.ts';
import { HEADER, makeApi } from './_api.ts';

const skip = noBrowser;
/** An image of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A token file with one token. */
function makeTokenFile(t: Test) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-sign-in-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'tokens');
  const token = makeToken();
  const reader = makeToken();
  fs.writeFileSync(file, `${tokenLine('ada', 'force', token)}\n${tokenLine('ben', 'read', reader)}\n`);
  return {
    token,
    reader,
    access: { source: { kind: 'file', name: 'API_TOKENS_FILE', file }, isReadPublic: false } as const,
    replaceToken: () => fs.writeFileSync(file, `${tokenLine('other', 'read', makeToken())}\n`),
  };
}

t.test('the dashboard, signed in and out', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const { token, reader, access, replaceToken } = makeTokenFile(t);
  const api = await makeApi(t, { access });
  api.put('1.csv', `${HEADER}First, Last, 1\n`);
  api.put('1.png', PIXEL);
  await api.ingest();
  const page = await browser.visit(t, `${api.address}/?min_age=30`, {}, true);

  await t.test('a wrong token, then the right one', async (t) => {
    t.equal(page.url(), `${api.address}/sign-in?next=%2F%3Fmin_age%3D30`);
    await page.getByLabel('Token').fill('lf_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await says(page.getByRole('alert'), 'This token is unknown');
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await says(figure(page, 'Users'), /^1$/);
    t.equal(page.url(), `${api.address}/?min_age=30`, 'it leads back');
  });

  await t.test('fetches, events, images and runs work with the cookie', async (t) => {
    await says(page.locator('.condition'), 'Healthy');
    const image = `Object.assign(new Image(), { src: '/data/1/image' })`;
    t.equal(
      await page.evaluate(`(async (image) => (await image.decode(), image.naturalWidth))(${image})`),
      1,
    );
    api.put('2.csv', `${HEADER}Second, Last, 2\n`);
    await page.getByRole('button', { name: 'Run now' }).click();
    await says(page.locator('.outcome'), '1 added');
    await rowOf(page, '2');
    await says(figure(page, 'Users'), /^2$/);
    t.equal(
      await page.evaluate('document.cookie'),
      'landfall_name=ada; landfall_scope=force',
      'scripts do not see the session',
    );
  });

  await t.test('somebody who is signed in goes on without the form', async (t) => {
    await page.goto(`${api.address}/sign-in?next=%2Fdocs%2F`);
    await page.waitForURL('**/docs/');
    await page.goto(api.address);
    await says(figure(page, 'Users'), /^2$/);
    t.equal(new URL(page.url()).pathname, '/');
    const other = await page.context().newPage();
    await other.goto(`data:text/html,<a href="${api.address}/?max_age=70">open</a>`);
    const seen: string[] = [];
    other.on('framenavigated', (frame) => seen.push(new URL(frame.url()).pathname));
    await other.getByText('open').click();
    await says(figure(other, 'Users'), /^2$/);
    t.same(seen.slice(0, 2), ['/sign-in', '/'], 'a link of another site leads there by way of the form');
    await other.close();
  });

  await t.test('signing out', async (t) => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    t.equal((await page.context().cookies()).length, 0);
    await page.goto(api.address);
    t.match(page.url(), '/sign-in?next=%2F');
  });

  await t.test('a token that may only read cannot request a run, and the page says why', async (t) => {
    await says(page.locator('#hint'), 'Ask the operator: pnpm landfall token NAME SCOPE');
    await page.getByLabel('Token').fill(reader);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await says(figure(page, 'Users'), /^2$/);
    const button = page.getByRole('button', { name: 'Run now' });
    t.equal(await button.getAttribute('aria-disabled'), 'true');
    t.equal(await button.getAttribute('aria-describedby'), 'may-not-run');
    await says(page.locator('#may-not-run'), 'A run needs the scope run');
    let posts = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST' && !request.url().endsWith('/sign-out')) posts++;
    });
    await button.click({ force: true });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    t.equal(posts, 0, 'a click does nothing');
  });

  await t.test('an open page leads to the form when its token is removed', async (t) => {
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await says(figure(page, 'Users'), /^2$/);
    await says(page.locator('.condition'), 'Healthy');
    replaceToken();
    await page.waitForURL('**/sign-in?next=**');
    await page.getByLabel('Token').waitFor();
    t.pass('it is the form');
  });
});
