import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { INGEST_RUN } from '@landfall/contracts/messages/events';
import t, { type Test } from 'tap';
import { launchBrowser, noBrowser, openBrowser } from '../../../../test/_browser.ts';
import { serviceWithImage } from '../support/_kinds-of-answers.ts';

/** Serves an empty page on a port of its own. */
async function otherOrigin(t: Test): Promise<string> {
  const server = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>other</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port }: AddressInfo = Object(server.address());
  return `http://127.0.0.1:${port}`;
}

t.test('pages of other origins', { skip: noBrowser }, async (t) => {
  const other = await otherOrigin(t);
  const browser = await launchBrowser();
  t.teardown(() => browser.close());

  /** What a page of the other origin gets from the service. */
  async function attempts(address: string) {
    const page = await browser.newPage();
    await page.goto(other);
    const outcome = await page.evaluate(async (service) => {
      const text = async (target: string, init?: RequestInit) => {
        try {
          const response = await fetch(service + target, init);
          return `${response.status} ${response.headers.get('landfall-generation')}`;
        } catch {
          return 'refused';
        }
      };
      const shows = (crossOrigin: string | null) =>
        new Promise<string>((resolve) => {
          const image = new (Object(globalThis).Image)();
          image.crossOrigin = crossOrigin;
          image.onload = () => resolve('shown');
          image.onerror = () => resolve('refused');
          image.src = `${service}/assets/landfall.svg`;
        });
      const events = () =>
        new Promise<string>((resolve) => {
          const source = new EventSource(`${service}/events`);
          source.onopen = () => resolve('open');
          source.onerror = () => resolve('refused');
        });
      return {
        read: await text('/data?limit=1'),
        cached: await text('/data?limit=1', { headers: { 'if-none-match': '"x"' }, cache: 'no-store' }),
        post: await text('/data?force=true', { method: 'POST' }),
        blind: await text('/data?force=true', { method: 'POST', mode: 'no-cors' }),
        image: await shows(null),
        corsImage: await shows('anonymous'),
        events: await events(),
      };
    }, address);
    await page.close();
    return outcome;
  }

  await t.test('can neither read nor change anything', async (t) => {
    const { address, bus } = await serviceWithImage(t);
    let runs = 0;
    bus.respond(INGEST_RUN, () => ({ run_id: String(++runs) }));
    t.same(await attempts(address), {
      read: 'refused',
      cached: 'refused',
      post: 'refused',
      blind: 'refused',
      image: 'refused',
      corsImage: 'refused',
      events: 'refused',
    });
    t.equal(runs, 0);
  });

  await t.test('can read when they are listed', async (t) => {
    const { address } = await serviceWithImage(t, { origin: { corsOrigins: [other] } });
    t.same(await attempts(address), {
      read: '200 1',
      cached: '200 1',
      post: '403 null',
      blind: 'refused',
      image: 'refused',
      corsImage: 'shown',
      events: 'open',
    });
  });
});

t.test('the documentation works under its policy', { skip: noBrowser }, async (t) => {
  const { address } = await serviceWithImage(t);
  const browser = await openBrowser(t);
  // Its visit fails on each violation of the policy.
  const page = await browser.visit(t, `${address}/docs`);
  const operation = page.locator('.opblock', { hasText: '/stats' }).first();
  await operation.locator('button').first().click();
  await operation.locator('.try-out__btn').click();
  await operation.locator('.execute').click();
  await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).first().waitFor();
});
