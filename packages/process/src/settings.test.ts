import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { Type } from 'typebox';
import { ingestionSettings, readSettings, SettingsError, serverSettings, stackSettings } from './settings.ts';

const Settings = Type.Object({
  ...serverSettings(8080, '127.0.0.1', 'warn'),
  ...ingestionSettings,
  ...stackSettings,
});
const GOOD = {
  MINIO_ENDPOINT: 'http://minio:9000',
  MINIO_ACCESS_KEY: 'key',
  MINIO_SECRET_KEY: 'hush',
  NATS_URL: 'nats://nats:4222',
};

t.test('a missing or empty variable has its default', async (t) => {
  t.match(readSettings(Settings, { ...GOOD, PORT: '', UNKNOWN: 'of no concern' }), {
    ...GOOD,
    PORT: 8080,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    INGEST_EVERY_MINUTES: 25,
    NATS_USER: undefined,
  });
  t.equal(readSettings(Settings, { ...GOOD, PORT: '0' }).PORT, 0);
});

t.test('the error names all faults and no secret', async (t) => {
  const env = {
    PORT: '80a',
    LOG_LEVEL: 'loud',
    MINIO_ENDPOINT: 'minio:9000',
    MINIO_SECRET_KEY: '',
    NATS_URL: 'nats://n',
  };
  try {
    readSettings(Settings, env);
    t.fail('it throws');
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const names = error.faults.map((fault) => fault.split(' ')[0]).sort();
    t.same(names, ['LOG_LEVEL', 'MINIO_ACCESS_KEY', 'MINIO_ENDPOINT', 'MINIO_SECRET_KEY', 'PORT']);
    for (const fault of error.faults) t.ok(error.message.includes(fault));
    t.match(error.message, /PORT is "80a", which can't be used: a port, 0 to 65535/);
  }
});

t.test('an invalid secret is not shown', async (t) => {
  const Secret = Type.Object({
    API_SECRET: Type.String({ minLength: 20, secret: true, description: 'long' }),
  });
  t.throws(() => readSettings(Secret, { API_SECRET: 'hush' }), { message: /API_SECRET can't be used: long/ });
  try {
    readSettings(Secret, { API_SECRET: 'hush' });
  } catch (error) {
    t.notMatch(String(error), /hush/);
  }
});

t.test('the password of an invalid URL is not shown', async (t) => {
  for (const [wrong, shown] of [
    ['htp://user:SECRET@host:9000', 'htp://***@host:9000'],
    ['http://user:SECRET@host/SECRET@path', 'http://***@path'],
    ['user:SECRET@host', '***@host'],
    ['htp://host', 'htp://host'],
  ] as const) {
    t.throws(() => readSettings(Settings, { ...GOOD, MINIO_ENDPOINT: wrong }), {
      message: `MINIO_ENDPOINT is "${shown}", which`,
    });
  }
});

t.test('an integer is one', async (t) => {
  for (const wrong of ['1e3', ' 5', '5 ', '0x10', '5.0', '-1', '65536', '99999999999999999999', 'NaN']) {
    t.throws(
      () => readSettings(Settings, { ...GOOD, PORT: wrong }),
      { name: 'SettingsError' },
      JSON.stringify(wrong),
    );
  }
});

t.test('a secret can be in a file that <name>_FILE names', async (t) => {
  const folder = t.testdir({ plain: 'hush', line: 'hu sh\n', windows: 'hush\r\n', user: 'me\n' });
  const { MINIO_SECRET_KEY, ...env } = GOOD;
  const read = (more: NodeJS.ProcessEnv) => readSettings(Settings, { ...env, ...more });
  for (const [file, secret] of [
    ['plain', 'hush'],
    ['line', 'hu sh'],
    ['windows', 'hush'],
  ] as const) {
    const found = read({ MINIO_SECRET_KEY: '', MINIO_SECRET_KEY_FILE: path.join(folder, file) });
    t.equal(found.MINIO_SECRET_KEY, secret, file);
  }
  const all = ['MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY', 'NATS_URL', 'NATS_PASSWORD'] as const;
  const files = Object.fromEntries(all.map((name) => [`${name}_FILE`, path.join(folder, 'plain')]));
  t.match(
    readSettings(Settings, { MINIO_ENDPOINT: GOOD.MINIO_ENDPOINT, ...files }),
    Object.fromEntries(all.map((name) => [name, 'hush'])),
    'every secret setting',
  );
  t.equal(
    read({ MINIO_SECRET_KEY: 'hush', MINIO_SECRET_KEY_FILE: '' }).MINIO_SECRET_KEY,
    'hush',
    'an empty variable is not set',
  );
  const { PORT } = read({ MINIO_SECRET_KEY: 'hush', PORT_FILE: path.join(folder, 'plain') });
  t.equal(PORT, 8080, 'other settings have no files');
});

t.test('a secret’s file that cannot be used is named, together with all other faults', async (t) => {
  const folder = t.testdir({
    empty: '',
    onlyLine: '\n',
    lines: 'hidden\nhidden\n',
    large: 'hidden'.repeat(20_000),
    latin: Buffer.from([0x68, 0xfc, 0x68]),
    good: 'hidden',
  });
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);
  fs.mkdirSync(path.join(folder, 'folder'));
  for (const [file, why] of [
    ['empty', /is empty/],
    ['onlyLine', /is empty/],
    ['lines', /more than one line/],
    ['large', /larger than 64 KiB/],
    ['latin', /is not UTF-8/],
    ['pipe', /is not a file/],
    ['folder', /is not a file/],
    ['absent', /can't be read: ENOENT/],
  ] as const) {
    const env = { ...GOOD, MINIO_SECRET_KEY: '', MINIO_SECRET_KEY_FILE: path.join(folder, file), PORT: 'x' };
    try {
      readSettings(Settings, env);
      t.fail(`${file}: it throws`);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      t.equal(error.faults.length, 2, `${file}: with the other fault`);
      t.match(error.faults.find((fault) => fault.startsWith('MINIO_SECRET_KEY_FILE is "')) ?? '', why, file);
      t.notMatch(error.message, /hidden/, file);
    }
  }
  const both = { ...GOOD, NATS_PASSWORD: 'hidden', NATS_PASSWORD_FILE: path.join(folder, 'good') };
  t.throws(() => readSettings(Settings, both), {
    name: 'SettingsError',
    faults: ['NATS_PASSWORD and NATS_PASSWORD_FILE are both set: set one of the two'],
  });
});
