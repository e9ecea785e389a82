import fc from 'fast-check';
import t from 'tap';
import { clientOf } from './client.ts';
import { openClientTable } from './client-table.ts';
import { forwardedScheme } from './forwarded.ts';
import { parseIpAddress } from './ip-address.ts';
import { NO_PROXIES, parseTrustedProxies } from './trusted-proxies.ts';

const PROXIES = parseTrustedProxies(['10.0.0.0/8', '192.0.2.7', '2001:db8:ffff::/48', '::1']) ?? NO_PROXIES;
const from = (remoteAddress: string | undefined, forwardedFor?: string, proxies = PROXIES) =>
  clientOf({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwardedFor } }, proxies).name;

t.test('a client is its token, else its address', async (t) => {
  const request = { socket: { remoteAddress: '192.0.2.1' }, headers: {} };
  t.same(clientOf(request, PROXIES, 'ci'), { kind: 'token', name: 'ci' });
  t.same(clientOf(request, PROXIES), { kind: 'address', name: '192.0.2.1' });
  t.equal(from('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  t.equal(from('2001:DB8:1:2::9'), '2001:db8:1:2::/64', 'the same network');
  t.equal(from('fe80::1%eth0'), 'fe80:0:0:0::/64');
  t.equal(from('::ffff:192.0.2.1'), '192.0.2.1', 'IPv4-mapped');
  t.equal(from('::ffff:c000:201'), '192.0.2.1', 'IPv4-mapped, in hex');
  t.equal(from('::1.2.3.4'), '0:0:0:0::/64', 'not mapped');
  t.equal(from(undefined), 'disconnected');
});

t.test('X-Forwarded-For counts only from trusted proxies', async (t) => {
  t.equal(from('192.0.2.1', '198.51.100.1'), '192.0.2.1');
  t.equal(from('10.1.2.3', '198.51.100.1'), '198.51.100.1');
  t.equal(from('10.1.2.3', '198.51.100.1', NO_PROXIES), '10.1.2.3');
  t.equal(from('::ffff:10.1.2.3', '198.51.100.1'), '198.51.100.1', 'of a socket for both families');
  t.equal(
    from('10.1.2.3', 'claimed, 198.51.100.1, 192.0.2.7'),
    '198.51.100.1',
    'the right-most untrusted one',
  );
  t.equal(from('10.1.2.3', '198.51.100.1, nonsense, 192.0.2.7'), '192.0.2.7', 'not past what is no address');
  t.equal(from('10.1.2.3', '10.0.0.1,10.0.0.2'), '10.0.0.1', 'all are proxies');
  t.equal(from('10.1.2.3', ' 198.51.100.1:4711 , , '), '198.51.100.1', 'a port, and empty elements');
  t.equal(from('10.1.2.3', '[2001:db8:1:2::9]:443'), '2001:db8:1:2::/64');
  t.equal(from('10.1.2.3', ','.repeat(60_000)), '10.1.2.3');
});

t.test('an X-Forwarded-For is read as a naive computation reads it', async (t) => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4().map((ip) => `10.${ip.split('.').slice(1).join('.')}`),
  );
  const entry = fc.oneof(
    { weight: 5, arbitrary: address },
    fc.constantFrom('', 'unknown', '1.2.3', '_x', '::g'),
  );
  const blank = fc.constantFrom('', ' ', '\t');
  fc.assert(
    fc.property(address, fc.array(fc.tuple(blank, entry, blank)), (peer, entries) => {
      const list = entries.map((parts) => parts.join('')).join(',');
      const chain = [...entries.map(([, text]) => text).filter((text) => text !== ''), peer].reverse();
      const isTrusted = (text: string) => {
        const parsed = parseIpAddress(text);
        return parsed !== undefined && PROXIES.has(parsed);
      };
      const end = chain.findIndex((text) => !isTrusted(text));
      const stopped = end === -1 ? chain.length - 1 : end;
      const last = parseIpAddress(chain[stopped] ?? '') ? stopped : stopped - 1;
      t.equal(from(peer, list), from(chain[last], undefined, NO_PROXIES), `${peer} ${list}`);
    }),
  );
});

t.test('X-Forwarded-Proto counts only from trusted proxies', async (t) => {
  const scheme = (remoteAddress: string, proto: string) =>
    forwardedScheme({ socket: { remoteAddress }, headers: { 'x-forwarded-proto': proto } }, PROXIES);
  t.equal(scheme('10.1.2.3', 'HTTPS'), 'https');
  t.equal(scheme('10.1.2.3', 'https, http'), 'http');
  t.equal(scheme('10.1.2.3', 'ftp'), undefined);
  t.equal(scheme('192.0.2.1', 'https'), undefined);
});

t.test('proxies are addresses and networks', async (t) => {
  for (const wrong of [
    '',
    'proxy',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '1.2.3',
    '::1/129',
    '::/x',
    'fe80::1%e',
  ])
    t.equal(parseTrustedProxies([wrong]), undefined, wrong);
  const mapped = parseTrustedProxies(['::ffff:192.0.2.1']);
  t.ok(mapped?.has({ family: 'ipv4', text: '192.0.2.1' }));
  t.notOk(PROXIES.has({ family: 'ipv4', text: '11.0.0.1' }));
  t.ok(PROXIES.has({ family: 'ipv6', text: '2001:db8:ffff:1::9' }));
});

t.test('the table of clients is bounded, and keeps those that were used last', async (t) => {
  const table = openClientTable(2, () => ({ requests: 0 }));
  const use = (name: string) => ++table.use({ kind: 'address', name }).requests;
  t.same([use('a'), use('b'), use('a'), use('c')], [1, 1, 2, 1]);
  t.equal(table.size(), 2);
  t.same([use('a'), use('b')], [3, 1], 'b was used least recently');
  t.equal(table.use({ kind: 'token', name: 'a' }).requests, 0, 'a token is not an address');
  table.drop({ kind: 'token', name: 'a' });
  t.equal(table.size(), 1);
  for (let i = 0; i < 1_000; i++) use(String(i));
  t.equal(table.size(), 2);
});
