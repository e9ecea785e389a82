import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { directoryStore } from '@landfall/object-store/directory-store';
import { makeLogger } from '@landfall/process/logger';
import { startQuery } from '@landfall/query/start';

/**
 * Writes the types of `packages/client` out of the OpenAPI document of `users`. A test fails when they lag.
 *
 * The argument is the file to write; default: the one of the package.
 */
const PACKAGE = fileURLToPath(new URL('../packages/client/', import.meta.url));
const OUTPUT = process.argv[2] ?? path.join(PACKAGE, 'src', 'api-schema.ts');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-client-types-'));
try {
  const document = path.join(folder, 'openapi.json');
  fs.writeFileSync(document, await usersDocument());
  const program = path.join(PACKAGE, 'node_modules', '.bin', 'openapi-typescript');
  const options = ['--root-types', '--root-types-no-schema-prefix'];
  await promisify(execFile)(program, [document, ...options, '--output', OUTPUT]);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** The document that a service without data answers. */
async function usersDocument(): Promise<string> {
  const store = directoryStore(folder);
  await store.createBucket('processed-data');
  const service = await startQuery({
    store,
    bus: inProcessBus({ streams: [], onError: () => undefined }),
    processedBucket: 'processed-data',
    stateDir: path.join(folder, 'state'),
    host: '127.0.0.1',
    port: 0,
    keepGenerations: 1,
    runWaitMs: 1_000,
    generationWaitMs: 1_000,
    cacheBytes: 0,
    clock: Date.now,
    log: makeLogger('client-types', 'silent'),
  });
  try {
    return await (await fetch(`${service.address}/openapi.json`)).text();
  } finally {
    await service.stop();
  }
}
