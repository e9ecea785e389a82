import t from 'tap';
import { headersOf, kindsOfAnswers, serviceWithImage } from '../support/_kinds-of-answers.ts';
import { connect } from '../support/_raw.ts';

const OF_ALL = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
const OF_DATA = "default-src 'none'; frame-ancestors 'none'";

t.test('every kind of answer has the security headers', async (t) => {
  const { address } = await serviceWithImage(t);
  for (const request of await kindsOfAnswers(t, address)) {
    const [what] = request;
    const { 'content-security-policy': policy, ...headers } = await headersOf(t, address, request);
    t.match(headers, OF_ALL, what);
    if (/the page/.test(what)) t.match(policy, /^default-src 'none'; script-src 'self' 'sha256-/, what);
    else if (/documentation/.test(what)) t.match(policy, /^default-src 'none'; script-src 'self';/, what);
    else if (/ script| image/.test(what)) t.equal(policy, "default-src 'none'", what);
    else t.equal(policy, OF_DATA, what);
  }
});

t.test('so have answers to bytes that are no request', async (t) => {
  const { address } = await serviceWithImage(t);
  for (const bytes of [
    'hello\r\n\r\n',
    'CONNECT x:1 HTTP/1.1\r\nhost: x:1\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
  ]) {
    const raw = await connect(t, address);
    raw.send(bytes);
    const answer = await raw.next();
    t.match(answer?.headers, { ...OF_ALL, 'content-security-policy': OF_DATA }, bytes);
    raw.socket.destroy();
  }
});

t.test('no header occurs twice', async (t) => {
  const { address } = await serviceWithImage(t);
  for (const target of ['/data?limit=1', '/data?limit=1', '/data/100001/image', '/', '/docs', '/x']) {
    const raw = await connect(t, address);
    raw.send(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    const [head = ''] = (await raw.closed()).split('\r\n\r\n');
    const names = head.split('\r\n').map((line) => line.split(':', 1)[0]?.toLowerCase());
    t.same(names, [...new Set(names)], target);
  }
});
