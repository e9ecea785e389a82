import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestCertificates } from './certificates.ts';
import { findProgram, freePort, type ServerProcess, startServer } from './server-process.ts';

/** An S3 server for tests that checks signatures. */
export interface TestS3 {
  endpoint: string;
  accessKey: string;
  secretKey: string;
  /** The folder that contains the buckets; empty for a server that the test did not start. */
  dataFolder: string;
  kill: () => Promise<void>;
  restart: () => Promise<void>;
  stop: () => Promise<void>;
}

/** Folder of programs installed by `go install`. */
const GO_BIN = path.join(process.env.GOPATH ?? path.join(os.homedir(), 'go'), 'bin');
const findGateway = () => findProgram('versitygw', [process.env.GOBIN ?? GO_BIN, GO_BIN]);

/** Returns why a test cannot start an S3 server; undefined when it can. */
export function ownS3IsMissing(): string | undefined {
  if (findGateway()) return undefined;
  return 'no versitygw (go install github.com/versity/versitygw/cmd/versitygw@v1.8.0)';
}

/** Returns why there is no S3 server, started or from the environment; undefined when there is one. */
export function s3IsMissing(): string | undefined {
  return process.env.MINIO_ENDPOINT ? undefined : ownS3IsMissing();
}

/** Returns the server of MINIO_ENDPOINT, or starts one. */
export async function startS3(): Promise<TestS3> {
  const { MINIO_ENDPOINT: endpoint, MINIO_ACCESS_KEY, MINIO_SECRET_KEY } = process.env;
  const none = async () => undefined;
  if (endpoint) {
    const [accessKey, secretKey] = [MINIO_ACCESS_KEY ?? '', MINIO_SECRET_KEY ?? ''];
    return { endpoint, accessKey, secretKey, dataFolder: '', kill: none, restart: none, stop: none };
  }
  return await startOwnS3();
}

/** A NATS server that receives the bucket events of an S3 server. */
export interface ChangeRecorder {
  nats: { url: string; user: string | undefined; password: string | undefined };
  subject: string;
}

/**
 * Starts a server that the test may kill.
 *
 * @param tls its certificate: it then has an https endpoint
 */
export async function startOwnS3(
  toldTo?: ChangeRecorder,
  tls?: Pick<TestCertificates, 'certificate' | 'key'>,
): Promise<TestS3> {
  const program = findGateway();
  if (!program) throw new Error(ownS3IsMissing());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-s3-'));
  // Metadata in a sidecar folder, since not every temporary file system has extended attributes.
  const [data, sidecar] = [path.join(folder, 'data'), path.join(folder, 'sidecar')];
  for (const each of [data, sidecar]) fs.mkdirSync(each);
  const [accessKey, secretKey] = ['landfall', randomBytes(18).toString('hex')];
  const port = await freePort();
  const env = { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey };
  const args = [
    '--port',
    `127.0.0.1:${port}`,
    '--quiet',
    '--keep-alive',
    ...(toldTo ? eventArguments(toldTo) : []),
    ...(tls ? ['--cert', tls.certificate, '--key', tls.key] : []),
    'posix',
    '--sidecar',
    sidecar,
    data,
  ];
  let server: ServerProcess = await startServer(program, args, port, env);
  return {
    endpoint: `http${tls ? 's' : ''}://127.0.0.1:${port}`,
    accessKey,
    secretKey,
    dataFolder: data,
    kill: () => server.kill(),
    async restart() {
      await server.kill();
      server = await startServer(program, args, port, env);
    },
    async stop() {
      await server.kill();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

function eventArguments({ nats, subject }: ChangeRecorder): string[] {
  const url = new URL(nats.url);
  url.username = nats.user ?? '';
  url.password = nats.password ?? '';
  return ['--event-nats-url', url.href.replace(/\/$/, ''), '--event-nats-topic', subject];
}

/** Returns a unique bucket name. */
export const uniqueBucket = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;
