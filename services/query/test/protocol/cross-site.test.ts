import t from 'tap';
import { parseTrustedProxies } from '../../src/http/client/trusted-proxies.ts';
import { makeService } from '../support/_service.ts';

/** The answer to a POST that passes: there is no ingestor. */
const PASSED = 'ingestor_unavailable';

t.test('a POST of another site is refused, and one of a program passes', async (t) => {
  const { ask, address } = await makeService(t, { origin: { corsOrigins: ['https://app.example'] } });
  const own = address;
  const post = async (headers: Record<string, string | string[]>) =>
    Object(await ask('/data', headers, 'POST').then(({ json }) => json)).code;
  for (const [headers, code] of [
    [{}, PASSED],
    [{ 'sec-fetch-site': 'none' }, PASSED],
    [{ 'sec-fetch-site': 'same-origin' }, PASSED],
    [{ 'sec-fetch-site': 'same-origin', origin: own }, PASSED],
    [{ origin: own }, PASSED],
    [{ origin: 'http://localhost:80', host: 'localhost' }, PASSED],
    [{ origin: 'http://localhost', host: 'localhost:80' }, PASSED],
    [{ origin: 'https://app.example' }, PASSED],
    [{ 'sec-fetch-site': 'cross-site' }, 'cross_site'],
    [{ 'sec-fetch-site': 'same-site' }, 'cross_site'],
    [{ 'sec-fetch-site': 'cross-site', origin: own }, 'cross_site'],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }, 'cross_site'],
    [{ 'sec-fetch-site': ['same-origin', 'Cross-Site'] }, 'cross_site'],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, 'cross_site'],
    [{ origin: 'null' }, 'cross_site'],
    [{ origin: '' }, 'cross_site'],
    [{ origin: 'https://evil.example' }, 'cross_site'],
    [{ origin: 'http://app.example' }, 'cross_site'],
    [{ origin: 'https://app.example:8443' }, 'cross_site'],
    [{ origin: 'https://app.example.evil.example' }, 'cross_site'],
    [{ origin: [own, 'https://evil.example'] }, 'cross_site'],
    [{ origin: `${own}0` }, 'cross_site'],
    [{ origin: own.replace('127.0.0.1', 'localhost') }, 'cross_site'],
  ] as const) {
    t.equal(await post({ ...headers } as Record<string, string | string[]>), code, JSON.stringify(headers));
  }
});

t.test('all methods that change something are refused, and no others', async (t) => {
  const { ask } = await makeService(t);
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE']) {
    for (const target of ['/data', '/nothing', '/']) {
      const { status, json, headers: sent } = await ask(target, headers, method);
      t.equal(status, 403, `${method} ${target}`);
      t.match(json, { code: 'cross_site', status: 403 }, `${method} ${target}`);
      t.match(sent['content-type'], /^application\/problem\+json/);
    }
  }
  t.equal((await ask('/healthz', headers)).status, 200);
  t.equal((await ask('/healthz', headers, 'HEAD')).status, 200);
  t.equal((await ask('/data', headers, 'OPTIONS')).status, 204);
});

t.test('the scheme of its own origin is that which a trusted proxy reports', async (t) => {
  const trustedProxies = parseTrustedProxies(['127.0.0.0/8']);
  if (!trustedProxies) throw new Error('the network is not valid');
  const origin = { allowedHosts: ['data.example'], trustedProxies };
  const [behind, direct] = [
    await makeService(t, { origin }),
    await makeService(t, { origin: { ...origin, trustedProxies: { has: () => false } } }),
  ];
  const code = async ({ ask }: typeof behind, headers: Record<string, string>) =>
    Object((await ask('/data', { host: 'data.example', ...headers }, 'POST')).json).code;
  const https = { origin: 'https://data.example', 'x-forwarded-proto': 'https' };
  t.equal(await code(behind, https), PASSED);
  t.equal(
    await code(behind, { ...https, 'x-forwarded-proto': 'https, http' }),
    'cross_site',
    'the last one counts',
  );
  t.equal(await code(behind, { ...https, origin: 'http://data.example' }), 'cross_site');
  t.equal(await code(direct, https), 'cross_site', 'anybody can send the header');
  t.equal(await code(direct, { ...https, 'sec-fetch-site': 'same-origin' }), PASSED, 'the browser knows');
});
