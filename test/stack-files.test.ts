import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { STOP_WITHIN_S } from '@landfall/process/stop';
import { limitSettings } from '@landfall/query/http/limits/limit-settings';
import { LIMITS } from '@landfall/query/http/limits/limits';
import { SeederSettings } from '@landfall/seeder/config';
import { tracingSettings } from '@landfall/tracing/tracing-settings';
import { validate } from 'dockerfile-utils';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { tableRows } from './_markdown.ts';

const read = (name: string) => fs.readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const COMPOSE = read('docker-compose.yml');

interface Service {
  image: string;
  restart: string;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  environment: Record<string, string | number>;
  volumes?: string[];
  tmpfs?: string[];
  read_only?: boolean;
  init?: boolean;
  logging?: { options: Record<string, string> };
  stop_grace_period?: string;
  ports?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  cpu_quota?: number;
  pids_limit?: number;
  ulimits?: { nofile?: number };
  build?: { args: Record<string, string> };
}
const { services, volumes }: { services: Record<string, Service>; volumes: Record<string, unknown> } = parse(
  COMPOSE,
  {
    merge: true,
  },
);
const entries = Object.entries(services);

t.test('the Dockerfile passes a linter', async (t) => {
  t.same(validate(read('Dockerfile')), []);
});

t.test('long-running services have health checks, restarts and dependencies', async (t) => {
  t.same(entries.map(([name]) => name).sort(), [
    'grafana',
    'ingestor',
    'minio',
    'nats',
    'prometheus',
    'query',
    'seeder',
  ]);
  for (const [name, { restart, healthcheck, depends_on: needs = {} }] of entries) {
    t.equal(restart, name === 'seeder' ? 'on-failure' : 'unless-stopped', name);
    t.equal(healthcheck !== undefined, name !== 'seeder', `${name}: a health check`);
    for (const [needed, { condition }] of Object.entries(needs)) {
      t.equal(
        condition,
        needed === 'seeder' ? 'service_completed_successfully' : 'service_healthy',
        `${name} needs ${needed}`,
      );
    }
  }
  t.same(Object.keys(services.query?.depends_on ?? {}).sort(), ['minio', 'nats', 'seeder']);
});

t.test('the logs of every service are rotated', async (t) => {
  for (const [name, { logging }] of entries) {
    t.match(logging?.options, { 'max-size': '10m', 'max-file': '3' }, name);
  }
});

t.test('the stop grace period is longer than the shutdown deadline', async (t) => {
  for (const name of ['ingestor', 'query']) {
    const period = /^(\d+)s$/.exec(services[name]?.stop_grace_period ?? '')?.[1];
    t.ok(Number(period) >= STOP_WITHIN_S + 5, `${name}: ${period} s`);
  }
});

/** Replaces the variables of compose by their defaults. */
const withDefaults = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');

t.test('every container has limits and no privileges', async (t) => {
  for (const [name, service] of entries) {
    t.match(service, { cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] }, name);
    t.match(withDefaults(service.mem_limit ?? ''), /^\d+[mg]$/, `${name}: memory`);
    // Unlike `cpus`, a quota may be more than the machine has.
    t.ok((service.cpu_quota ?? 0) >= 100_000, `${name}: CPU time`);
    t.ok((service.pids_limit ?? 0) >= 256, `${name}: processes`);
    t.ok((service.ulimits?.nofile ?? 0) >= LIMITS.connections + 256, `${name}: open files`);
    t.notHas(service, { privileged: true }, name);
  }
});

t.test('ports are published on loopback unless BIND_ADDRESS is set', async (t) => {
  const published = entries.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port] as const));
  t.equal(published.length, 6);
  for (const [name, port] of published) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of compose
    const address = ['minio', 'query'].includes(name) ? '${BIND_ADDRESS:-127.0.0.1}:' : '127.0.0.1:';
    t.ok(port.startsWith(address), `${name}: ${port}`);
  }
});

t.test('every image is a variable, which may be a digest', async (t) => {
  for (const name of ['minio', 'nats', 'prometheus', 'grafana']) {
    t.match(services[name]?.image, new RegExp(`^\\$\\{${name.toUpperCase()}_IMAGE:-[^}]+:[^}]+\\}$`), name);
  }
  const dockerfile = read('Dockerfile');
  const presets = [...dockerfile.matchAll(/^ARG (\w+_IMAGE)=(\S+)$/gm)].map(([, name = '', preset = '']) => [
    name,
    preset,
  ]);
  const used = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => image);
  t.same(
    used,
    presets.map(([name]) => `\${${name}}`),
  );
  for (const name of ['seeder', 'ingestor', 'query']) {
    const args = Object.entries(services[name]?.build?.args ?? {});
    t.same(
      args,
      presets.map(([arg, preset]) => [arg, `\${${arg}:-${preset}}`]),
      name,
    );
  }
});

t.test('our services are locked down, and data is in named volumes', async (t) => {
  t.equal(services.nats?.read_only, true);
  for (const name of ['seeder', 'ingestor', 'query']) {
    t.match(services[name], { read_only: true, init: true, image: 'landfall' }, name);
  }
  for (const [name, { volumes: mounted = [] }] of entries) {
    for (const mount of mounted.filter((each) => !each.startsWith('./'))) {
      t.ok(Object.hasOwn(volumes, mount.split(':')[0] ?? ''), `${name}: ${mount}`);
    }
  }
});

t.test('no container leaves an unnamed volume behind', async (t) => {
  const [, folder] = /^VOLUME (\S+)$/m.exec(read('Dockerfile')) ?? [];
  t.equal(folder, '/state');
  for (const [name, { image, volumes: mounted = [], tmpfs = [] }] of entries) {
    if (image !== 'landfall') continue;
    t.ok(tmpfs.includes('/state') || mounted.includes(`${name}-state:/state`), name);
  }
});

t.test('each service gets only its own secrets', async (t) => {
  const secrets = (name: string) =>
    JSON.stringify(services[name]).match(/\w+(?:PASSWORD|SECRET_KEY)(?=:\?)/g) ?? [];
  t.same([...new Set(secrets('query'))].sort(), ['QUERY_MINIO_SECRET_KEY', 'QUERY_NATS_PASSWORD']);
  t.same([...new Set(secrets('ingestor'))].sort(), ['INGESTOR_MINIO_SECRET_KEY', 'INGESTOR_NATS_PASSWORD']);
  const users = [...read('deploy/nats.conf').matchAll(/^\s+user: (\w+)\s+password: \$(\w+)$/gm)];
  t.same(
    users.map(([, user, variable]) => [user, variable]),
    ['ingestor', 'query', 'minio'].map((user) => [user, `${user.toUpperCase()}_NATS_PASSWORD`]),
  );
  t.same(secrets('nats').sort(), users.map(([, , variable]) => variable).sort());
  t.same(secrets('minio').sort(), ['MINIO_NATS_PASSWORD', 'MINIO_ROOT_PASSWORD']);
  for (const name of ['ingestor', 'query']) t.equal(services[name]?.environment.NATS_USER, name);
  t.notMatch(COMPOSE, /^\s+\w*(?:PASSWORD|SECRET_KEY)\w*: (?!\$\{)/m, 'none is written down');
});

t.test('compose variables and defaults are those of the README', async (t) => {
  const found = new Map(
    [...COMPOSE.matchAll(/\$\{(\w+):-((?:[^{}]|\{[^}]*\})*)\}/g)].map(([, name = '', preset = '']) => [
      name,
      preset,
    ]),
  );
  const documented = tableRows(read('README.md'), 'Docker Compose').map(([name = '', preset = '']) => [
    name.replaceAll('`', ''),
    preset,
  ]);
  t.same(Object.fromEntries(documented), Object.fromEntries(found));
});

t.test('the seeder gets the settings it reads', async (t) => {
  const told = Object.keys(services.seeder?.environment ?? {});
  // CA_FILE needs a volume; between the containers there is no TLS.
  const settings = Object.keys(SeederSettings.properties).filter((name) => name !== 'CA_FILE');
  t.same(told.sort(), settings.sort());
});

t.test('the query service gets the limits, with their defaults', async (t) => {
  for (const [name, property] of Object.entries(limitSettings)) {
    const preset = 'default' in property ? property.default : undefined;
    t.equal(services.query?.environment[name], `\${${name}:-${preset}}`, name);
  }
});

t.test('both services send traces where .env says, each with its own name', async (t) => {
  const passed = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_RESOURCE_ATTRIBUTES'];
  const samplers = ['OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'];
  for (const name of ['ingestor', 'query']) {
    const told = Object.keys(services[name]?.environment ?? {}).filter((each) => each.startsWith('OTEL_'));
    t.same(told.sort(), [...passed, ...samplers], name);
    for (const each of told) {
      const property = tracingSettings[each as keyof typeof tracingSettings];
      const preset = 'default' in property ? property.default : '';
      t.equal(services[name]?.environment[each], `\${${each}:-${preset}}`, `${name}: ${each}`);
    }
  }
});

t.test('the definition of the data set reaches all services, with its demo data', async (t) => {
  for (const name of ['seeder', 'ingestor', 'query']) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of compose
    t.equal(services[name]?.environment.DATASET_FILE, '${DATASET_FILE:-}', name);
    t.ok(services[name]?.volumes?.includes('./datasets:/app/datasets:ro'), name);
  }
  t.match(read('Dockerfile'), /^COPY datasets datasets$/m);
  t.match(read('.dockerignore'), /^!datasets$/m);
});

/** Runs make-env.sh in a folder of its own; `before` is an existing .env. */
function makeEnv(t: Test, before?: string) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-env-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const script = path.join(folder, 'scripts/make-env.sh');
  fs.mkdirSync(path.dirname(script));
  fs.copyFileSync(new URL('../scripts/make-env.sh', import.meta.url), script);
  const file = path.join(folder, '.env');
  if (before !== undefined) fs.writeFileSync(file, before);
  const run = () => execFileSync('sh', [script], { encoding: 'utf8' });
  run();
  const text = fs.readFileSync(file, 'utf8');
  run();
  t.equal(fs.readFileSync(file, 'utf8'), text, 'a second run changes nothing');
  t.same(fs.readdirSync(folder).sort(), ['.env', 'scripts']);
  return {
    text,
    mode: fs.statSync(file).mode & 0o777,
    values: new Map([...text.matchAll(/^(\w+)=(.+)$/gm)].map(([, name = '', value = '']) => [name, value])),
  };
}

const REQUIRED = [...new Set([...COMPOSE.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name))].sort();

t.test('make-env.sh writes all required secrets once, randomly', async (t) => {
  const [one, other] = [makeEnv(t), makeEnv(t)];
  t.equal(one.mode, 0o600, 'for its owner alone');
  t.same([...one.values.keys()].sort(), REQUIRED);
  for (const [name, value] of one.values) {
    if (!/PASSWORD|SECRET/.test(name)) continue;
    t.match(value, /^k[0-9a-f]{38}$/, name);
    t.not(other.values.get(name), value, name);
  }
  t.equal(new Set(one.values.values()).size, one.values.size, 'and no two are the same');
});

t.test('make-env.sh appends missing credentials to an existing .env, and changes nothing else', async (t) => {
  // As an earlier version made it, with own changes; the last line has no line end.
  const before = [
    '# my own comment',
    'MINIO_ROOT_USER=landfall',
    "MINIO_ROOT_PASSWORD='k 1 $x'",
    'export INGESTOR_MINIO_ACCESS_KEY=ingestor',
    'INGESTOR_MINIO_SECRET_KEY=k2',
    'QUERY_MINIO_ACCESS_KEY=reader',
    'QUERY_MINIO_SECRET_KEY=',
    'NATS_USER=landfall',
    '#QUERY_NATS_PASSWORD=commented',
    'API_PORT=80',
  ].join('\n');
  const { text, values } = makeEnv(t, before);
  t.ok(text.startsWith(`${before}\n`));
  const added = [...text.slice(before.length + 1).matchAll(/^(\w+)=k[0-9a-f]{38}$/gm)].map(
    ([, name]) => name,
  );
  t.same(added, ['INGESTOR_NATS_PASSWORD', 'QUERY_NATS_PASSWORD', 'MINIO_NATS_PASSWORD', 'GRAFANA_PASSWORD']);
  t.equal(text.slice(before.length + 1).split('\n').length, added.length + 1, 'nothing besides');
  for (const name of REQUIRED) {
    if (name !== 'QUERY_MINIO_SECRET_KEY') t.ok(values.has(name) || text.includes(`export ${name}=`), name);
  }
});
