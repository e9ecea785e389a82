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
  const Secret = Type.Object({ API_SECRET: Type.String({ minLength: 20, description: 'long' }) });
  t.throws(() => readSettings(Secret, { API_SECRET: 'hush' }), { message: /API_SECRET can't be used: long/ });
  try {
    readSettings(Secret, { API_SECRET: 'hush' });
  } catch (error) {
    t.notMatch(String(error), /hush/);
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
