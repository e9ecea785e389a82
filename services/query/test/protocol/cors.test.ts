import t from 'tap';
import { headersOf, kindsOfAnswers, serviceWithImage } from '../support/_kinds-of-answers.ts';

const APP = 'https://app.example';
const listed = { origin: { corsOrigins: [APP, 'http://localhost:3000'] } };
const isSafe = (method: string) => ['GET', 'HEAD', 'OPTIONS'].includes(method);
const varies = (vary: string | undefined) => (vary ?? '').split(', ');

t.test('without CORS_ORIGINS, no answer has headers of CORS', async (t) => {
  const { address } = await serviceWithImage(t);
  for (const [what, status, method, target, headers] of await kindsOfAnswers(t, address)) {
    const sent = await headersOf(t, address, [
      what,
      isSafe(method) ? status : 403,
      method,
      target,
      { ...headers, origin: APP },
    ]);
    t.same(
      Object.keys(sent).filter((name) => name.startsWith('access-control-')),
      [],
      what,
    );
    t.notOk(varies(sent.vary).includes('origin'), what);
  }
});

t.test('every kind of answer can be read by pages of listed origins, and of no others', async (t) => {
  const { address } = await serviceWithImage(t, listed);
  const cases = await kindsOfAnswers(t, address);
  for (const origin of [APP, 'http://localhost:3000', 'https://evil.example', 'null', undefined]) {
    for (const [what, status, method, target, headers = {}] of cases) {
      // Bytes that are not parsed as a request have no origin.
      if (status === 431) continue;
      const isListed = listed.origin.corsOrigins.includes(origin ?? '');
      const isRefused = !isSafe(method) && origin !== undefined && !isListed;
      const sent = await headersOf(t, address, [
        `${what}, ${origin}`,
        isRefused ? 403 : status,
        method,
        target,
        origin === undefined ? headers : { ...headers, origin },
      ]);
      t.equal(sent['access-control-allow-origin'], isListed ? origin : undefined, what);
      t.equal(sent['access-control-allow-credentials'], isListed ? 'true' : undefined, what);
      t.ok(varies(sent.vary).includes('origin'), `${what} varies`);
      if (/^rows/.test(what)) t.ok(varies(sent.vary).includes('accept'), what);
      if (!isListed) continue;
      const exposed = String(sent['access-control-expose-headers']).split(', ');
      for (const name of ['etag', 'link', 'x-total-count', 'landfall-generation'])
        t.ok(exposed.includes(name), name);
    }
  }
});

t.test('a preflight is answered for listed origins', async (t) => {
  const { ask } = await serviceWithImage(t, listed);
  const preflight = {
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'last-event-id',
  };
  const { status, headers, text } = await ask('/data', { ...preflight, origin: APP }, 'OPTIONS');
  t.match({ status, text }, { status: 204, text: '' });
  t.match(headers, {
    'access-control-allow-origin': APP,
    'access-control-allow-methods': 'GET, HEAD, POST',
    'access-control-allow-headers': /\blast-event-id\b/,
    'access-control-max-age': /^\d+$/,
    vary: 'origin',
  });
  for (const other of [{ ...preflight, origin: 'https://evil.example' }, preflight, { origin: APP }]) {
    const answer = await ask('/data', other, 'OPTIONS');
    t.equal(answer.status, 204);
    t.equal(answer.headers['access-control-allow-methods'], undefined);
    t.equal(answer.headers.allow, 'GET, HEAD, OPTIONS, POST');
  }
});
