import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestCertificates } from './certificates.ts';
import { findProgram, freePort, type ServerProcess, startServer } from './server-process.ts';

/** A NATS server with JetStream for tests. */
export interface TestNats {
  url: string;
  user: string | undefined;
  password: string | undefined;
  /** Only for a server that the test started: kills it, or restarts it on the same data. */
  kill: () => Promise<void>;
  restart: () => Promise<void>;
  /** Restarts it without JetStream's data. */
  wipe: () => Promise<void>;
  /** Stops all its threads, and continues them. */
  pause: () => Promise<void>;
  resume: () => void;
  stop: () => Promise<void>;
}

/** Returns why a test cannot start a NATS server; undefined when it can. */
export function ownNatsIsMissing(): string | undefined {
  return findProgram('nats-server') ? undefined : 'no nats-server (Debian: apt-get install nats-server)';
}

/** Returns why there is no NATS server, started or from the environment; undefined when there is one. */
export function natsIsMissing(): string | undefined {
  return process.env.NATS_URL ? undefined : ownNatsIsMissing();
}

/** Returns the server of NATS_URL, or starts one. */
export async function startNats(): Promise<TestNats> {
  const { NATS_URL: url, NATS_USER: user, NATS_PASSWORD: password } = process.env;
  const none = async () => undefined;
  if (url)
    return {
      url,
      user,
      password,
      kill: none,
      restart: none,
      wipe: none,
      pause: none,
      resume: () => undefined,
      stop: none,
    };
  return await startOwnNats();
}

/** Starts a server that the test may kill. It requires user and password, and TLS if it has a certificate. */
export async function startOwnNats(tls?: Pick<TestCertificates, 'certificate' | 'key'>): Promise<TestNats> {
  const [user, password] = ['landfall', randomBytes(9).toString('hex')];
  const args = tls ? ['--tls', '--tlscert', tls.certificate, '--tlskey', tls.key] : [];
  return { user, password, ...(await startServerWith(['--user', user, '--pass', password, ...args])) };
}

/** The users of the stack's NATS server. */
export type StackNatsUsers = Record<'ingestor' | 'query' | 'minio', { user: string; password: string }>;

/** Starts a server with exactly the configuration of the stack, except for its addresses and its folder. */
export async function startStackNats(): Promise<TestNats & { users: StackNatsUsers }> {
  const account = (user: string) => ({ user, password: `k${randomBytes(9).toString('hex')}` });
  const users = { ingestor: account('ingestor'), query: account('query'), minio: account('minio') };
  const config = fileURLToPath(new URL('../../../deploy/nats.conf', import.meta.url));
  const server = await startServerWith(['--config', config, '--http_port', String(await freePort())], {
    INGESTOR_NATS_PASSWORD: users.ingestor.password,
    QUERY_NATS_PASSWORD: users.query.password,
    MINIO_NATS_PASSWORD: users.minio.password,
  });
  return { ...users.ingestor, ...server, users };
}

/** @param extra arguments of nats-server, besides address and folder */
async function startServerWith(
  extra: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Omit<TestNats, 'user' | 'password'>> {
  const program = findProgram('nats-server');
  if (!program) throw new Error(ownNatsIsMissing());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-nats-'));
  const port = await freePort();
  const args = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder, ...extra];
  let server: ServerProcess = await startServer(program, args, port, env);
  return {
    url: `nats://127.0.0.1:${port}`,
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    async restart() {
      await server.kill();
      server = await startServer(program, args, port, env);
    },
    async wipe() {
      await server.kill();
      fs.rmSync(path.join(folder, 'jetstream'), { recursive: true, force: true });
      server = await startServer(program, args, port, env);
    },
    async stop() {
      await server.kill();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
