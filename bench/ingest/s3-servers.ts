import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { S3Access } from '@landfall/object-store/s3-store';
import { ownS3IsMissing, startOwnS3 } from '@landfall/test-servers/s3-server';
import { findProgram, freePort, startServer } from '@landfall/test-servers/server-process';

/** A running S3 server over an empty folder. */
export interface S3Server extends S3Access {
  stop: () => Promise<void>;
}

/** A server that can be started. */
export interface S3ServerProgram {
  name: string;
  start: () => Promise<S3Server>;
}

/** Returns the installed S3 servers: versitygw, and MinIO on PATH or from MINIO_PROGRAM. */
export function s3Servers(): S3ServerProgram[] {
  const minio = process.env.MINIO_PROGRAM ?? findProgram('minio');
  return [
    ...(minio ? [{ name: 'MinIO', start: () => startMinio(minio) }] : []),
    ...(ownS3IsMissing() ? [] : [{ name: 'versitygw', start: startOwnS3 }]),
  ];
}

async function startMinio(program: string): Promise<S3Server> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-minio-'));
  const [accessKey, secretKey] = ['landfall', randomBytes(18).toString('hex')];
  const port = await freePort();
  const env = { MINIO_ROOT_USER: accessKey, MINIO_ROOT_PASSWORD: secretKey, MINIO_BROWSER: 'off' };
  const server = await startServer(program, ['server', '--address', `127.0.0.1:${port}`, folder], port, env);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    accessKey,
    secretKey,
    async stop() {
      await server.kill();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
