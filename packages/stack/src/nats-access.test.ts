import fc from 'fast-check';
import t from 'tap';
import { natsAccess } from './nats-access.ts';

t.test('user and password come from the URL or from settings of their own', async (t) => {
  t.same(natsAccess({ NATS_URL: 'nats://n:4222' }), {
    url: 'nats://n:4222',
    user: undefined,
    password: undefined,
  });
  t.match(natsAccess({ NATS_URL: 'n:4222', NATS_USER: 'u', NATS_PASSWORD: 'p' }), {
    url: 'nats://n:4222',
    user: 'u',
    password: 'p',
  });
  t.same(natsAccess({ NATS_URL: 'nats://u:s%40%3A%2F%25@n:4222' }), {
    url: 'nats://n:4222',
    user: 'u',
    password: 's@:/%',
  });
  t.same(natsAccess({ NATS_URL: 'nats://u:p@a:1, nats://b:2,tls://[::1]:3' }), {
    url: 'nats://a:1,nats://b:2,tls://[::1]:3',
    user: 'u',
    password: 'p',
  });
  t.same(natsAccess({ NATS_URL: 'nats://secret-token@n' }), { url: 'nats://n', token: 'secret-token' });
  t.same(natsAccess({ NATS_URL: 'nats://u:p@n', NATS_USER: 'u', NATS_PASSWORD: 'p' }), {
    url: 'nats://n',
    user: 'u',
    password: 'p',
  });
});

t.test('any user and password survive the way through a URL', async (t) => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(text, text, (user, password) => {
      const access = natsAccess({
        NATS_URL: `nats://${encodeURIComponent(user)}:${encodeURIComponent(password)}@n:4222`,
      });
      return access.user === user && access.password === password && access.url === 'nats://n:4222';
    }),
  );
  t.pass();
});

t.test('settings that contradict each other are refused by name, without a secret', async (t) => {
  const wrong: [Parameters<typeof natsAccess>[0], RegExp[]][] = [
    [{ NATS_URL: 'nats://hidden-u:hidden-p@n', NATS_USER: 'hidden-v' }, [/NATS_USER contradicts/]],
    [{ NATS_URL: 'nats://hidden-u:hidden-p@n', NATS_PASSWORD: 'hidden-q' }, [/NATS_PASSWORD contradicts/]],
    [
      { NATS_URL: 'nats://hidden-token@n', NATS_USER: 'hidden-u', NATS_PASSWORD: 'hidden-p' },
      [/NATS_USER contradicts/, /NATS_PASSWORD contradicts/],
    ],
    [{ NATS_URL: 'nats://hidden-u:hidden-p@a,nats://hidden-u:hidden-q@b' }, [/different users or passwords/]],
    [{ NATS_URL: 'nats://hidden-u:%zz-hidden@n' }, [/NATS_URL can't be used/]],
    [{ NATS_URL: 'http://n:4222' }, [/NATS_URL can't be used/]],
    [{ NATS_URL: 'nats://n:4222/path' }, [/NATS_URL can't be used/]],
    [{ NATS_URL: 'nats://a:1,' }, [/NATS_URL can't be used/]],
  ];
  for (const [settings, messages] of wrong) {
    for (const message of messages) t.throws(() => natsAccess(settings), { name: 'SettingsError', message });
    try {
      natsAccess(settings);
    } catch (error) {
      t.notMatch(String(error), /hidden/);
    }
  }
});
