import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Sends generated requests, valid and invalid, to every operation of the OpenAPI document, and fails when an answer is a 5xx or differs
 * from the document: status, content type, schema. Each shipped data set is served standalone with its demo data.
 *
 * @see test/schemathesis.toml for what is not checked, with reasons
 */
const DATA_SETS = process.argv.length > 2 ? process.argv.slice(2) : ['users', 'stations', 'invoices'];
/** Limit for the start of the service, ms. */
const START_TIMEOUT_MS = 60_000;

for (const name of DATA_SETS) {
  console.log(`\n=== ${name}`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-fuzz-'));
  const service = spawn(process.execPath, ['services/standalone/src/main.ts'], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      PORT: '0',
      DATASET_FILE: `datasets/${name}.json`,
      DATA_DIR: folder,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const address = await addressOf(service);
    const config = ['--config-file', path.resolve('test/schemathesis.toml')];
    const fuzzer = spawn('schemathesis', [...config, 'run', `${address}/openapi.json`], {
      // It keeps failures of earlier runs in its working directory.
      cwd: folder,
      stdio: 'inherit',
    });
    const [code] = await once(fuzzer, 'exit');
    if (code !== 0) process.exitCode = 1;
  } finally {
    const ended = once(service, 'exit');
    service.kill('SIGTERM');
    await ended;
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The address that standalone prints. @throws Error when it ends or prints none in time */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('no output');
  let printed = '';
  const timer = setTimeout(() => stdout.destroy(new Error(`not started:\n${printed}`)), START_TIMEOUT_MS);
  try {
    for await (const text of stdout.iterator({ destroyOnReturn: false })) {
      printed += text;
      const address = /Landfall serves at (http:\S+)\. Try:/.exec(printed)?.[1];
      if (address) {
        stdout.resume();
        return address;
      }
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`not started:\n${printed}`);
}
