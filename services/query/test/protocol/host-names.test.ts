import t from 'tap';
import { headersOf, kindsOfAnswers, serviceWithImage } from '../support/_kinds-of-answers.ts';
import { codeOf, connect } from '../support/_raw.ts';
import { makeService } from '../support/_service.ts';

/** The status of a health check with the given headers, one a line. */
async function statusOf(t: import('tap').Test, address: string, start: string, ...headers: string[]) {
  const raw = await connect(t, address);
  raw.send(`${[start, ...headers].join('\r\n')}\r\n\r\n`);
  const answer = await raw.next();
  raw.socket.destroy();
  return `${answer?.status} ${codeOf(answer) ?? ''}`.trim();
}
const GET = 'GET /healthz HTTP/1.1';

t.test('on loopback, only names of loopback and allowed ones are served', async (t) => {
  const { address } = await makeService(t, { origin: { allowedHosts: ['query', 'xn--mnchen-3ya.example'] } });
  for (const host of [
    'localhost',
    'LocalHost.',
    'localhost:9999',
    '127.0.0.1',
    '127.99.0.1:1',
    '[::1]:8080',
    '[0:0::1]',
    'query',
    'QUERY:8080',
    'xn--mnchen-3ya.example',
  ]) {
    t.equal(await statusOf(t, address, GET, `host: ${host}`), '200', host);
  }
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example:8080',
    '128.0.0.1',
    '0.0.0.0',
    '[::2]',
    '[::1',
    'user@localhost',
    'localhost/x',
    'localhost:x',
    'localhost, evil.example',
    'sub.query',
    '%6cocalhost',
    '',
  ]) {
    t.equal(await statusOf(t, address, GET, `host: ${host}`), '421 misdirected', host);
  }
});

t.test('a target in absolute form counts as the host that it names', async (t) => {
  const { address } = await makeService(t);
  const [here, other] = ['http://localhost:1/healthz', 'http://evil.example/healthz'];
  t.equal(await statusOf(t, address, `GET ${here} HTTP/1.1`, 'host: evil.example'), '200');
  t.equal(await statusOf(t, address, `GET ${other} HTTP/1.1`, 'host: localhost'), '421 misdirected');
  t.equal(
    await statusOf(t, address, 'GET http://x@localhost/healthz HTTP/1.1', 'host: x'),
    '421 misdirected',
  );
});

t.test('there has to be one Host', async (t) => {
  const { address } = await makeService(t);
  t.equal(await statusOf(t, address, GET), '400 bad_request', 'none');
  t.equal(await statusOf(t, address, GET, 'host: localhost', 'Host: localhost'), '400 bad_request', 'two');
  t.equal(
    await statusOf(t, address, GET, 'host: localhost', 'HOST: evil.example'),
    '400 bad_request',
    'another',
  );
  t.equal(await statusOf(t, address, 'GET /healthz HTTP/1.0'), '421 misdirected', 'none, in HTTP/1.0');
});

t.test('the connection of a request without exactly one Host is closed', async (t) => {
  const { address } = await makeService(t);
  const raw = await connect(t, address);
  raw.send(`${GET}\r\nhost: localhost\r\nhost: localhost\r\n\r\n${GET}\r\nhost: localhost\r\n\r\n`);
  t.match(await raw.next(), { status: 400, headers: { connection: 'close' } });
  t.equal(await raw.closed(), '', 'the next request is not answered');
});

t.test('every kind of answer is refused under another name', async (t) => {
  const { address } = await serviceWithImage(t);
  for (const [what, status, method, target, headers] of await kindsOfAnswers(t, address)) {
    // Node answers these itself, before there is a request.
    if (status === 417 || status === 431) continue;
    await headersOf(t, address, [what, 421, method, target, { ...headers, host: 'evil.example' }]);
  }
});

t.test(
  'elsewhere, names are checked when there is a list, or the port is published on loopback',
  async (t) => {
    const named = (origin: NonNullable<Parameters<typeof makeService>[1]>['origin']) =>
      makeService(t, { host: '0.0.0.0', origin });
    for (const [origin, expected] of [
      [{}, '200'],
      [{ bindAddress: '0.0.0.0' }, '200'],
      [{ bindAddress: '127.0.0.1' }, '421 misdirected'],
      [{ bindAddress: '::1' }, '421 misdirected'],
      [{ bindAddress: '0.0.0.0', allowedHosts: ['query'] }, '421 misdirected'],
      [{ bindAddress: '127.0.0.1', allowedHosts: ['query', '*'] }, '200'],
    ] as const) {
      const { address } = await named(origin);
      const what = JSON.stringify(origin);
      t.equal(
        await statusOf(t, address.replace('0.0.0.0', '127.0.0.1'), GET, 'host: data.example'),
        expected,
        what,
      );
      t.equal(
        await statusOf(t, address.replace('0.0.0.0', '127.0.0.1'), GET, 'host: localhost'),
        '200',
        what,
      );
    }
  },
);
