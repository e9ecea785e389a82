import { readSettings, SettingsError } from '@landfall/process/settings';
import t from 'tap';
import { Type } from 'typebox';
import { warnWhenExposed } from './exposure.ts';
import { bindSettings, originOptions, originSettings } from './origin-settings.ts';

const Settings = Type.Object({ ...originSettings, ...bindSettings });
const read = (env: NodeJS.ProcessEnv) => originOptions(readSettings(Settings, env));

t.test('host names and origins are read as browsers write them', async (t) => {
  t.match(read({}), { allowedHosts: [], corsOrigins: [], bindAddress: undefined });
  t.match(
    read({
      ALLOWED_HOSTS: 'query, Data.Example,::1,[2001:db8::0:1],192.0.2.1,',
      CORS_ORIGINS: 'https://App.example:443 ,http://localhost:3000',
      TRUSTED_PROXIES: '10.0.0.0/8,::1',
      BIND_ADDRESS: '0.0.0.0',
    }),
    {
      allowedHosts: ['query', 'data.example', '[::1]', '[2001:db8::1]', '192.0.2.1'],
      corsOrigins: ['https://app.example', 'http://localhost:3000'],
      bindAddress: '0.0.0.0',
    },
  );
  t.same(read({ ALLOWED_HOSTS: 'query,*' }).allowedHosts, ['query', '*']);
});

t.test('what is none is an error that names the setting', async (t) => {
  const wrong = {
    ALLOWED_HOSTS: ['query:8080', 'http://query', 'a b', '*.example', 'query/x', '[::1]:80', 'u@h'],
    CORS_ORIGINS: [
      '*',
      'null',
      'app.example',
      'https://app.example/',
      'https://u@app.example',
      'ftp://x',
      'https://*.example',
    ],
    TRUSTED_PROXIES: ['proxy', '10.0.0.0/33', '10.0.0.1-10.0.0.9'],
    BIND_ADDRESS: ['everywhere', '127.0.0.1:8080', '127.0.0.1,::1'],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      t.throws(() => read({ [name]: value }), SettingsError, value);
      t.throws(() => read({ [name]: value }), { message: new RegExp(name) }, value);
    }
  }
  t.throws(() => read({ ALLOWED_HOSTS: 'a:1', CORS_ORIGINS: '*' }), {
    message: /ALLOWED_HOSTS.*CORS_ORIGINS/s,
  });
});

t.test('a service without tokens that others can reach logs one warning', async (t) => {
  const warnings = (address: string, hasTokens: boolean) => {
    const lines: string[] = [];
    const log = Object.assign(Object.create(null), {
      warn: (_fields: object, message: string) => lines.push(message),
    });
    warnWhenExposed(address, hasTokens, log);
    return lines;
  };
  for (const address of ['0.0.0.0', '::', '192.0.2.1', 'data.example']) {
    const lines = warnings(address, false);
    t.equal(lines.length, 1, address);
    t.match(lines[0], /API_TOKENS_FILE/);
    t.same(warnings(address, true), [], address);
  }
  for (const address of ['127.0.0.1', '127.1.2.3', '::1', 'localhost'])
    t.same(warnings(address, false), [], address);
});
