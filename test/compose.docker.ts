import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { User } from '@landfall/contracts/dataset/users';
import { parseDatasetUpdated, STREAMS } from '@landfall/contracts/messages/events';
import type { RunReport } from '@landfall/contracts/messages/run';
import { natsBus } from '@landfall/event-bus/nats/nats-bus';
import { s3Store } from '@landfall/object-store/s3-store';
import { freePort } from '@landfall/test-servers/server-process';
import t from 'tap';
import { ask, until } from './_stack.ts';

/** `pnpm test:stack`: the compose stack on a real Docker engine, from nothing and back. */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../shared/data/src-data/', import.meta.url));
const run = promisify(execFile);
/** What debian:bookworm-slim has as it is published; a stand-in may have more. */
const PUBLISHED_BASE_MB = 75;

const compose = await findCompose();
const skip = compose === undefined ? 'no Docker engine, or no docker-compose' : false;
const secret = () => `k${randomBytes(18).toString('hex')}`;
const [api, s3, console_, natsPort] = [
  await freePort(),
  await freePort(),
  await freePort(),
  await freePort(),
];
const settings = {
  // Also those of services that this test does not start: compose demands them for every command.
  ...Object.fromEntries(requiredVariables().map((name) => [name, secret()])),
  COMPOSE_PROJECT_NAME: `landfall-test-${process.pid}`,
  API_PORT: String(api),
  MINIO_PORT: String(s3),
  MINIO_CONSOLE_PORT: String(console_),
  NATS_PORT: String(natsPort),
  MINIO_ROOT_USER: 'root-of-the-test',
  MINIO_ROOT_PASSWORD: secret(),
  INGESTOR_MINIO_ACCESS_KEY: 'ingestor',
  INGESTOR_MINIO_SECRET_KEY: secret(),
  QUERY_MINIO_ACCESS_KEY: 'query',
  QUERY_MINIO_SECRET_KEY: secret(),
  INGESTOR_NATS_PASSWORD: secret(),
};
const env = { ...process.env, ...settings };
const url = `http://127.0.0.1:${api}`;
const root = {
  endpoint: `http://127.0.0.1:${s3}`,
  accessKey: settings.MINIO_ROOT_USER,
  secretKey: settings.MINIO_ROOT_PASSWORD,
};
const store = s3Store(root);

/** With the build of the image, it takes five minutes on an idle machine. */
t.setTimeout(1_200_000);

t.test('the stack on a real engine', { skip }, async (t) => {
  t.teardown(() => stack('down', '--volumes', '--timeout', '10'));

  await t.test('starts from nothing with the demo data', async (t) => {
    await stack('up', '--build', '-d');
    const { body } = await until('users', users, ({ status }) => status === 200);
    t.equal(
      body?.length,
      fs.readdirSync(`${ROOT}datasets/users`).filter((name) => name.endsWith('.csv')).length,
    );
    for (const service of ['minio', 'nats', 'ingestor', 'query']) await healthy(service);
  });

  await t.test('the seeder is idempotent', async (t) => {
    const before = await listing();
    await stack('run', '--rm', 'seeder');
    t.same(await listing(), before);
  });

  await t.test('containers have only what they need', async (t) => {
    for (const service of ['minio', 'nats', 'ingestor', 'query']) {
      const { HostConfig: host } = await inspect(service);
      t.same(host.CapDrop, ['ALL'], service);
      t.match(host.SecurityOpt, [/no-new-privileges/], service);
      t.ok(host.Memory >= 2 ** 29 && host.CpuQuota > 0 && host.PidsLimit > 0, `${service}: limits`);
      const addresses = Object.values(host.PortBindings).flatMap((ports) =>
        ports.map(({ HostIp }) => HostIp),
      );
      t.ok(
        addresses.every((address) => address === '127.0.0.1'),
        `${service}: on loopback`,
      );
    }
    for (const service of ['ingestor', 'query']) {
      const { Config: config, HostConfig: host } = await inspect(service);
      t.equal(host.ReadonlyRootfs, true, `${service}: a read-only root`);
      t.equal(host.Init, true, `${service}: an init`);
      t.equal(config.User, 'landfall', `${service}: not root`);
      const known = config.Env.join('\n');
      const secrets = [
        settings.MINIO_ROOT_PASSWORD,
        service === 'query' ? settings.INGESTOR_MINIO_SECRET_KEY : settings.QUERY_MINIO_SECRET_KEY,
      ];
      for (const hidden of secrets) t.notOk(known.includes(hidden), `${service}: no secret of others`);
    }
    const { stdout: history } = await run('docker', ['history', '--no-trunc', 'landfall']);
    for (const value of Object.values(settings).filter((each) => each.startsWith('k'))) {
      t.notOk(history.includes(value), 'no secret in the image');
    }
    const [image, base] = [await megabytes('landfall'), await megabytes('debian:bookworm-slim')];
    t.comment(`the image has ${image} MB, its base ${base} MB of them`);
    t.ok(image - base <= 250 - PUBLISHED_BASE_MB, 'on the published base it stays under 250 MB');
  });

  await t.test('query’s user can read but not write', async (t) => {
    const reader = s3Store({ ...root, accessKey: 'query', secretKey: settings.QUERY_MINIO_SECRET_KEY });
    t.ok((await reader.read('src-data', '1000.csv', 1_000)).size > 0);
    for (const bucket of ['src-data', 'processed-data']) {
      await t.rejects(reader.put(bucket, 'x.csv', Buffer.from('x')), { code: 'access_denied' }, bucket);
      await t.rejects(reader.remove(bucket, 'output.csv'), { code: 'access_denied' }, bucket);
    }
    const writer = s3Store({
      ...root,
      accessKey: 'ingestor',
      secretKey: settings.INGESTOR_MINIO_SECRET_KEY,
    });
    await t.rejects(writer.put('src-data', 'x.csv', Buffer.from('x')), { code: 'access_denied' }, 'ingestor');
  });

  const hasSample = fs.existsSync(SAMPLE);
  await t.test(
    '100 real users are uploaded and served',
    { skip: hasSample ? false : 'the sample is missing' },
    async (t) => {
      for (const name of fs.readdirSync(SAMPLE))
        await store.put('src-data', name, fs.readFileSync(SAMPLE + name));
      const { status, body: report } = await post();
      t.equal(status, 200);
      t.match(report, { status: 'succeeded', rejected: 0 });
      const served = new Map((await users()).body?.map((user) => [user.user_id, user]));
      for (const name of fs.readdirSync(SAMPLE).filter((each) => each.endsWith('.csv'))) {
        const [first_name, last_name, birthts] =
          fs
            .readFileSync(SAMPLE + name, 'utf8')
            .trim()
            .split('\n')[1]
            ?.split(', ') ?? [];
        const id = name.slice(0, -4);
        t.match(
          served.get(id),
          { first_name, last_name, birthts: Number(birthts), img_path: `src-data/${id}.png` },
          id,
        );
      }
      const image = await fetch(`${url}/data/1000/image`);
      t.ok(Buffer.from(await image.arrayBuffer()).equals(fs.readFileSync(`${SAMPLE}1000.png`)));
    },
  );

  await t.test('changes of the bucket are served without a request', async (t) => {
    const started = performance.now();
    await store.put('src-data', 'live/+ ü%.csv', Buffer.from('first_name, last_name, birthts\nA, B, 5\n'));
    const one = () => ask<User>(`${url}/data/${encodeURIComponent('+ ü%')}`);
    await until('the user', one, ({ status }) => status === 200);
    t.comment(`a file that was put was served after ${Math.round(performance.now() - started)} ms`);
    await store.remove('src-data', 'live/+ ü%.csv');
    await until('nobody', one, ({ status }) => status === 404);
    const { body: runs } = await ask<RunReport[]>(`${url}/runs`);
    t.match(runs?.[0], { trigger: 'bucket', status: 'succeeded', removed: 1, listed: 0 });

    const burst = Array.from({ length: 1_000 }, (_, i) => `burst-${i}.csv`);
    const born = Buffer.from('first_name, last_name, birthts\nA, B, 5\n');
    for (let i = 0; i < burst.length; i += 50) {
      await Promise.all(burst.slice(i, i + 50).map((key) => store.put('src-data', key, born)));
    }
    const count = async () =>
      (await users()).body?.filter((user) => user.user_id.startsWith('burst-')).length;
    await until('the burst', count, (found) => found === burst.length);
    await Promise.all(burst.map((key) => store.remove('src-data', key)));
    const { body: report } = await ask<RunReport>(`${url}/data?force=true`, { method: 'POST' });
    t.match(report, { status: 'succeeded' }, 'more than half of the users may go when it is forced');
    t.equal(await count(), 0);
  });

  for (const service of ['ingestor', 'nats', 'minio', 'query']) {
    await t.test(`${service} is killed, and all heals by itself`, async (t) => {
      const watch = watching();
      t.teardown(watch.stop);
      await kill(service);
      await healthy(service);
      await store.put(
        'src-data',
        `after-${service}.csv`,
        Buffer.from('first_name, last_name, birthts\nA, B, 5\n'),
      );
      await until('a run', post, ({ status }) => status === 200);
      t.match((await ask(`${url}/data/after-${service}`)).body, { birthts: 5 });
      const { asked, failed, longestMs } = await watch.stop();
      t.comment(`${service} killed: of ${asked} GETs ${failed} failed, for ${longestMs} ms at the longest`);
      if (service !== 'query') t.equal(failed, 0, 'nobody who reads notices');
    });
  }

  await t.test('down and up lose nothing', async (t) => {
    const before = await users();
    const objects = await listing();
    const generation = await lastAnnounced();
    await stack('down', '--timeout', '10');
    await stack('up', '-d');
    const after = await until('users', users, ({ status }) => status === 200);
    t.same(after.body, before.body);
    t.equal(after.headers.get('landfall-generation'), before.headers.get('landfall-generation'));
    t.same(await listing(), objects, 'objects are what they were');
    t.equal(await lastAnnounced(), generation, 'and NATS knows what it was told');
    t.match((await until('a run', post, ({ status }) => status === 200)).body, {
      published: false,
      fetched: 0,
    });
  });

  await t.test('both services stop within ten seconds', async (t) => {
    for (const service of ['ingestor', 'query']) {
      const id = await container(service);
      const started = performance.now();
      await stack('stop', '--timeout', '10', service);
      t.comment(`${service} ended within ${Math.round(performance.now() - started)} ms`);
      const { stdout } = await run('docker', ['inspect', '--format', '{{.State.ExitCode}}', id]);
      t.equal(stdout.trim(), '0', service);
    }
  });
});

/** The variables without a default in docker-compose.yml. */
function requiredVariables(): string[] {
  const file = fs.readFileSync(`${ROOT}docker-compose.yml`, 'utf8');
  return [...file.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name);
}

/** The size of an image, 10^6 bytes. */
async function megabytes(image: string): Promise<number> {
  const { stdout } = await run('docker', ['image', 'inspect', '--format', '{{.Size}}', image]);
  return Math.round(Number(stdout) / 1e6);
}

/** `docker-compose` or `docker compose`, where an engine answers. */
async function findCompose(): Promise<[program: string, ...words: string[]] | undefined> {
  try {
    await run('docker', ['info']);
  } catch {
    return undefined;
  }
  for (const candidate of [['docker-compose'], ['docker', 'compose']] as [string, ...string[]][]) {
    const [program, ...words] = candidate;
    const works = await run(program, [...words, 'version']).then(
      () => true,
      () => false,
    );
    if (works) return candidate;
  }
  return undefined;
}

async function stack(...words: string[]): Promise<string> {
  const [program, ...first] = compose ?? ['docker-compose'];
  const { stdout } = await run(program, [...first, ...words], {
    cwd: ROOT,
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

const container = async (service: string): Promise<string> => (await stack('ps', '-q', service)).trim();

interface Inspected {
  Config: { User: string; Env: string[] };
  HostConfig: {
    ReadonlyRootfs: boolean;
    Init: boolean;
    CapDrop: string[];
    SecurityOpt: string[];
    Memory: number;
    CpuQuota: number;
    PidsLimit: number;
    PortBindings: Record<string, { HostIp: string }[]>;
  };
  State: { Pid: number; Health?: { Status: string } };
}

async function inspect(service: string): Promise<Inspected> {
  const { stdout } = await run('docker', ['inspect', await container(service)]);
  const [first]: Inspected[] = JSON.parse(stdout);
  if (!first) throw new Error(`no container of ${service}`);
  return first;
}

async function healthy(service: string): Promise<void> {
  await until(
    `${service} healthy`,
    () => inspect(service),
    ({ State: { Health: health } }) => health?.Status === 'healthy',
  );
}

/**
 * SIGKILL from outside to the container's first process, as the kernel sends it when memory runs out: `docker kill`
 * would count as stopped by somebody. It takes root, on the engine's own machine.
 */
async function kill(service: string): Promise<void> {
  const before = (await inspect(service)).State.Pid;
  process.kill(before, 'SIGKILL');
  await until(
    `${service} restarted`,
    () => inspect(service),
    ({ State: { Pid: pid } }) => pid !== 0 && pid !== before,
  );
}

const users = () => ask<User[]>(`${url}/data`);
const post = () => ask<RunReport>(`${url}/data`, { method: 'POST' });

/** Every object of the source bucket, as the store has it. */
async function listing(): Promise<unknown[]> {
  const objects = [];
  for await (const page of store.list('src-data')) objects.push(...page);
  return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The generation of the last event that NATS keeps. */
async function lastAnnounced(): Promise<number> {
  const access = {
    url: `nats://127.0.0.1:${natsPort}`,
    user: 'ingestor',
    password: settings.INGESTOR_NATS_PASSWORD,
    name: 'test',
    inboxPrefix: '_INBOX.ingestor',
  };
  const bus = natsBus(access, { streams: STREAMS, createsStreams: false, onError: () => undefined });
  try {
    await new Promise<void>((resolve) => bus.onConnected(resolve));
    const [event] = await bus.lastKept('dataset.updated');
    return parseDatasetUpdated(event).data.generation;
  } finally {
    await bus.close();
  }
}

/** Asks for the users, again and again, until it is stopped. */
function watching() {
  let going = true;
  const counts = { asked: 0, failed: 0, longestMs: 0 };
  const loop = (async () => {
    let failingSince: number | undefined;
    while (going) {
      const { status } = await users();
      counts.asked++;
      if (status === 200) failingSince = undefined;
      else {
        counts.failed++;
        failingSince ??= performance.now();
        counts.longestMs = Math.max(counts.longestMs, Math.round(performance.now() - failingSince));
        await sleep(10);
      }
    }
  })();
  return {
    async stop() {
      going = false;
      await loop;
      return counts;
    },
  };
}
