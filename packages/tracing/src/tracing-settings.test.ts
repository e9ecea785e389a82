import path from 'node:path';
import { readSettings } from '@landfall/process/settings';
import t from 'tap';
import { Type } from 'typebox';
import { isTracingWanted, tracingSettings } from './tracing-settings.ts';

const read = (env: NodeJS.ProcessEnv) => readSettings(Type.Object(tracingSettings), env);
const URL = 'http://127.0.0.1:4318';

t.test('there are traces when a standard variable asks for them', async (t) => {
  for (const [env, expected] of [
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: URL }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${URL}/v1/traces` }, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: URL, OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: URL, OTEL_SDK_DISABLED: 'true' }, false],
  ] as const) {
    t.equal(isTracingWanted(read(env)), expected, JSON.stringify(env));
  }
});

t.test('what would not work is an error', async (t) => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_HEADERS: 'hidden',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'hidden',
    OTEL_EXPORTER_OTLP_TIMEOUT: 'abc',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '0',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'zip',
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'zip',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/absent/ca.pem',
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: '/',
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/absent/client.pem',
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: '/absent/client.pem',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: '/absent/key.pem',
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: '/absent/key.pem',
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_TRACES_SAMPLER: 'jaeger_remote',
    OTEL_TRACES_SAMPLER_ARG: '2',
    OTEL_RESOURCE_ATTRIBUTES: 'a',
    OTEL_SDK_DISABLED: 'yes',
  };
  try {
    read(env);
    t.fail('no error');
  } catch (error) {
    const text = String(error);
    for (const name of Object.keys(env)) t.match(text, new RegExp(`- ${name} `));
    t.notMatch(text, 'hidden', 'headers are never shown');
  }
  read({ ...env, ...Object.fromEntries(Object.keys(env).map((name) => [name, ''])) });
});

t.test(
  'an endpoint that the exporter cannot parse is an error: it would send everything to localhost',
  async (t) => {
    const names = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
    for (const name of names) {
      for (const wrong of ['http://collector.example.com:43 18', 'http://127.0.0.1:99999999', `${URL} `]) {
        t.throws(() => read({ [name]: wrong }), { name: 'SettingsError', message: name }, `${name}=${wrong}`);
      }
      for (const good of [URL, `${URL}/`, 'https://user:password@[::1]:4318/base']) read({ [name]: good });
    }
  },
);

t.test('all variables of the exporter can be set', async (t) => {
  const file = path.join(t.testdir({ 'a.pem': 'text' }), 'a.pem');
  const env = {
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=b,c=d%20e',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_CERTIFICATE: file,
  };
  t.match(read({ ...env, OTEL_EXPORTER_OTLP_TIMEOUT: '5000' }), {
    ...env,
    OTEL_EXPORTER_OTLP_TIMEOUT: 5_000,
  });
});
