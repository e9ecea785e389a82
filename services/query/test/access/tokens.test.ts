import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { makeLogger } from '@landfall/process/logger';
import t, { type Test } from 'tap';
import { openAccess } from '../../src/access/access.ts';
import { makeSession } from '../../src/access/session.ts';
import { tokenOf } from '../../src/access/token.ts';
import { NO_PROXIES, parseTrustedProxies } from '../../src/http/client/trusted-proxies.ts';
import { makeService, type Service } from '../support/_service.ts';
import { fromFile, fromText, makeTokenFile, newToken, tokenLog } from '../support/_tokens.ts';

const status = async ({ ask }: Service, { header }: { header: { authorization: string } }) =>
  (await ask('/status', header)).status;

/** Opens an event stream and reads its first bytes. */
async function openStream(t: Test, { address }: Service, headers: Record<string, string>) {
  const stopped = new AbortController();
  t.teardown(() => stopped.abort());
  const { body } = await fetch(`${address}/events`, { headers, signal: stopped.signal });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => (await reader?.read())?.value;
  await read();
  return {
    read,
    /** Resolves when the service has ended the stream. */
    ended: async (): Promise<void> => {
      while ((await read()) !== undefined);
    },
  };
}

t.test('a changed file is read again: rotation, and removal with open streams', async (t) => {
  const [old, next, other] = [newToken('page', 'read'), newToken('page', 'read'), newToken('other', 'read')];
  const file = makeTokenFile(t, [old.line, other.line]);
  const log = tokenLog();
  const service = await makeService(t, { access: file.access, log: log.log });
  t.equal(await status(service, old), 200);
  t.equal(await status(service, next), 401);
  const streams = {
    old: await openStream(t, service, old.header),
    other: await openStream(t, service, other.header),
  };

  let reread = log.next('info');
  file.write([old.line, next.line, other.line]);
  t.match(await reread, 'read again: 3 tokens');
  t.equal(await status(service, old), 200, 'during a rotation, both are valid');
  t.equal(await status(service, next), 200);

  reread = log.next('info');
  file.write([next.line, other.line]);
  await reread;
  t.equal(await status(service, old), 401);
  t.equal(await status(service, next), 200);
  await streams.old.ended();
  await service.publish(1, []);
  // The status may come first. A stream that has ended reads `undefined`.
  let event = await streams.other.read();
  while (event?.includes('event: dataset') === false) event = await streams.other.read();
  t.match(event, 'event: dataset', 'the stream of another token goes on');
});

t.test('a file that cannot be used changes nothing, and is an amber condition', async (t) => {
  const token = newToken('a', 'read');
  const file = makeTokenFile(t, [token.line]);
  const log = tokenLog();
  const service = await makeService(t, { access: file.access, log: log.log });
  await service.publish(1, []);
  const conditions = async () => {
    const { json } = await service.ask('/status', token.header);
    return Object(json).reasons.filter(({ code }: { code: string }) => code === 'tokens_not_reloaded');
  };
  t.same(await conditions(), []);
  for (const [what, damage, why] of [
    ['bad', () => file.write([token.line, 'lf_pasted']), 'line 2: it is not name'],
    ['empty', () => file.write([]), 'ends and has no token'],
    ['CR', () => file.write([`${token.line}\r# old\rb`]), 'line 3: it is not name'],
    ['gone', () => fs.rmSync(file.file), 'no such file'],
    ['a named pipe', () => execFileSync('mkfifo', [file.file]), 'not a regular file'],
    ['gone again', () => fs.rmSync(file.file), 'no such file'],
    ['a folder', () => fs.mkdirSync(file.file), 'not a regular file'],
  ] as const) {
    const failed = log.next('error');
    damage();
    t.match(await failed, why, what);
    t.match(await conditions(), [{ level: 'amber', detail: /The token list before stays valid/ }], what);
    t.notMatch(await conditions(), [{ detail: /lf_pasted|\/tmp/ }]);
  }
  const reread = log.next('info');
  fs.rmdirSync(file.file);
  file.write([token.line]);
  await reread;
  t.same(await conditions(), []);
});

t.test('SIGHUP reads the file at once, and a replaced link as well', async (t) => {
  const [one, two] = [newToken('a', 'read'), newToken('b', 'read')];
  const file = makeTokenFile(t, [one.line]);
  const link = path.join(path.dirname(file.file), 'link');
  fs.symlinkSync(file.file, link);
  const log = tokenLog();
  const listeners = process.listenerCount('SIGHUP');
  const service = await makeService(t, { access: fromFile(link), log: log.log });
  let reread = log.next('info');
  process.kill(process.pid, 'SIGHUP');
  t.match(await reread, '1 tokens', 'it is logged, although nothing has changed');
  const other = makeTokenFile(t, [two.line]);
  reread = log.next('info');
  fs.rmSync(link);
  fs.symlinkSync(other.file, link);
  process.kill(process.pid, 'SIGHUP');
  await reread;
  t.equal(await status(service, one), 401);
  t.equal(await status(service, two), 200);
  await service.stop();
  t.equal(process.listenerCount('SIGHUP'), listeners);
});

t.test('a list that cannot be used at the start ends the service', async (t) => {
  const file = makeTokenFile(t, ['a:read:secret']);
  await t.rejects(makeService(t, { access: file.access }), {
    name: 'TokenListError',
    isForOperator: true,
    message: `the file of API_TOKENS_FILE can't be used:\n  - line 1: the hash is not a SHA-256 in hex, 64 of 0-9 and a-f`,
  });
  await t.rejects(makeService(t, { access: fromFile(`${file.file}-missing`) }), { name: 'TokenListError' });
  const { line } = newToken('pasted', 'read');
  await t.rejects(makeService(t, { access: fromFile(line) }), {
    message: "the file of API_TOKENS_FILE can't be read: there is no such file",
  });
  await t.rejects(makeService(t, { access: fromText(['# nothing']) }), {
    message: /API_TOKENS can't be used:\n {2}- line 1: the list ends and has no token/,
  });
});

/** Signs in as the page does. */
async function signIn(service: Service, token: string, headers: Record<string, string> = {}, next = '') {
  const response = await fetch(`${service.address}/sign-in${next}`, {
    method: 'POST',
    body: new URLSearchParams({ token }),
    redirect: 'manual',
    headers,
  });
  const cookies = response.headers.getSetCookie();
  const session = /^landfall_session=([^;]+)/.exec(cookies[0] ?? '')?.[1];
  const cookie = { cookie: `a=b; landfall_session=${session}; c=d` };
  return { response, cookies, cookie, session };
}

t.test(
  'a token file that all users can read is a warning at the start, with the setting and the mode',
  async (t) => {
    const token = newToken('reader', 'read');
    const { file, access } = makeTokenFile(t, [token.line]);
    for (const [mode, expected] of [
      [0o644, /all users of this machine can read the file of API_TOKENS_FILE \(mode 644\)/],
      [0o604, /mode 604/],
      [0o640, undefined],
      [0o600, undefined],
    ] as const) {
      fs.chmodSync(file, mode);
      const warnings: string[] = [];
      const log = {
        info: () => undefined,
        error: () => undefined,
        warn: (text: string) => warnings.push(text),
      };
      const opened = await openAccess(access, Date.now, Object.assign(makeLogger('test', 'silent'), log));
      opened.close();
      if (expected) t.match(warnings, [expected], mode.toString(8));
      else t.same(warnings, [], mode.toString(8));
      t.notMatch(warnings.join(), file, 'without the path');
    }
  },
);

t.test('a session of one replica is valid on the other, until its line goes or 12 hours pass', async (t) => {
  const [runner, reader] = [newToken('runner', 'run'), newToken('reader', 'read')];
  const file = makeTokenFile(t, [runner.line, reader.line]);
  const logs = [tokenLog(), tokenLog()];
  const [one, two] = await Promise.all(
    logs.map(({ log }) => makeService(t, { access: file.access, log, runWaitMs: 1 })),
  );
  if (!one || !two) throw new Error('two services');
  // One is not behind a trusted proxy: the header is only a claim.
  const claim = { 'x-forwarded-proto': 'https' };
  const { response, cookies, cookie, session = '' } = await signIn(one, runner.token, claim);
  t.match(response, { status: 303 });
  t.equal(response.headers.get('location'), '/');
  const attributes = '; Max-Age=43200; Path=/; SameSite=Strict';
  t.match(cookies, [
    /^landfall_session=\S+; HttpOnly; /,
    `landfall_name=runner${attributes}`,
    `landfall_scope=run${attributes}`,
  ]);
  t.ok(cookies[0]?.endsWith(`; HttpOnly${attributes}`));
  for (const service of [one, two]) {
    t.equal((await service.ask('/status', cookie)).status, 200);
    const { json } = await service.ask('/data', cookie, 'POST');
    t.match(json, { code: 'ingestor_unavailable' }, 'it may request a run; no ingestor is there');
  }
  t.equal(
    (await signIn(one, reader.token).then(({ cookie }) => two.ask('/data', cookie, 'POST'))).status,
    403,
  );
  const [, expiry = '', mac = ''] = session.split('~');
  for (const forged of [
    `reader~${expiry}~${mac}`,
    `runner~${Number(expiry) + 1}~${mac}`,
    `runner~${expiry}~${mac.slice(1)}A`,
    `runner~${expiry}~`,
    'runner',
    '',
  ]) {
    t.equal((await two.ask('/status', { cookie: `landfall_session=${forged}` })).status, 401, forged);
    const both = `landfall_session=${forged}; landfall_session=${session}`;
    t.equal((await two.ask('/status', { cookie: both })).status, 200, 'a valid one beside it');
  }
  const hash = runner.line.split(':')[2] ?? '';
  const endless = makeSession(tokenOf('runner', 'run', Buffer.from(hash, 'hex')), 10 * two.time.now);
  t.equal((await two.ask('/status', { cookie: `landfall_session=${endless}` })).status, 401, 'endless');
  t.match(await two.ask('/status', { ...cookie, ...reader.header }), { status: 200 });

  two.time.now += 12 * 3_600_000 - 1_000;
  t.equal((await two.ask('/status', cookie)).status, 200);
  two.time.now += 1_000;
  t.equal((await two.ask('/status', cookie)).status, 401, 'it has expired');

  const stream = await openStream(t, one, cookie);
  const reread = logs[0]?.next('info');
  file.write([reader.line]);
  await reread;
  await stream.ended();
  t.equal((await one.ask('/status', cookie)).status, 401);
});

t.test('a stream ends with its session', async (t) => {
  const token = newToken('a', 'read');
  const service = await makeService(t, { access: fromText([token.line]) });
  const { cookie } = await signIn(service, token.token);
  service.time.now += 12 * 3_600_000 - 1_500;
  const stream = await openStream(t, service, cookie);
  await stream.ended();
});

t.test('signing in: https, the address afterwards, and failures', async (t) => {
  const token = newToken('a', 'read');
  const access = fromText([token.line]);
  const trustedProxies = parseTrustedProxies(['127.0.0.1']) ?? NO_PROXIES;
  const service = await makeService(t, { access, origin: { trustedProxies } });
  for (const [protocol, isSecure] of [
    ['https', true],
    ['http, https', true],
    ['https, http', false],
  ] as const) {
    const { cookies } = await signIn(service, token.token, { 'x-forwarded-proto': protocol });
    t.equal(cookies.length, 3);
    for (const cookie of cookies) t.equal(/; Secure$/.test(cookie), isSecure, protocol);
  }
  for (const [next, expected] of [
    ['/?min_age=30', '/?min_age=30'],
    ['/docs/', '/docs/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['https://evil.example', '/'],
    ['/sign-in?next=/', '/'],
    ['', '/'],
  ] as const) {
    const { response } = await signIn(service, token.token, {}, `?next=${encodeURIComponent(next)}`);
    t.equal(response.headers.get('location'), expected, next);
  }
  for (let i = 0; i < 50; i++) {
    const { response, cookies } = await signIn(service, `lf_wrong${i}`);
    if (i > 0) continue;
    t.equal(response.status, 401);
    t.equal(response.headers.get('www-authenticate'), 'Bearer realm="landfall", error="invalid_token"');
    t.match(await response.text(), 'This token is unknown');
    t.same(cookies, []);
  }
  const { response, cookie } = await signIn(service, ` ${token.token}\n`);
  t.equal(response.status, 303, 'failures never block a right token');

  const form = await service.ask('/sign-in');
  t.match(form, { status: 200, headers: { 'cache-control': 'private, no-cache' } });
  t.match(
    form.headers['content-security-policy'],
    /^default-src 'none'; script-src 'self'; style-src 'self';/,
  );
  t.notMatch(form.text, /This token is unknown|\son\w+=|style=|<script>/);
  t.match(await service.ask('/sign-in?next=/docs/', cookie), {
    status: 303,
    headers: { location: '/docs/' },
  });
  t.match(await service.ask('/sign-in', {}, 'POST'), { status: 400, json: { code: 'bad_request' } });
  const tooLong = await fetch(`${service.address}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ token: 'x'.repeat(5_000) }),
  });
  t.equal(tooLong.status, 413);

  const page = await service.ask('/?min_age=30', { accept: 'text/html' });
  t.match(page, { status: 303, headers: { location: '/sign-in?next=%2F%3Fmin_age%3D30' } });
  t.equal((await service.ask('/', { accept: 'text/html', authorization: 'Bearer x' })).status, 401);
  const out = await service.ask('/sign-out', cookie, 'POST');
  t.equal(out.status, 204);
  t.match(out.headers['set-cookie'], [
    /^landfall_session=; HttpOnly; Max-Age=0;/,
    /^landfall_name=; Max-Age=0;/,
    /^landfall_scope=; Max-Age=0;/,
  ]);
});

t.test('without tokens there is no sign-in page', async (t) => {
  const { ask } = await makeService(t);
  t.equal((await ask('/sign-in')).status, 404);
  t.equal((await ask('/sign-out', {}, 'POST')).status, 404);
  t.equal((await ask('/status', { authorization: 'Bearer x' })).status, 200);
});
