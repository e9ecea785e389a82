import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { startIngestor } from '@landfall/ingestor/start';
import { makeLogger } from '@landfall/process/logger';
import { startQuery } from '@landfall/query/start';
import { openPorts } from '@landfall/standalone/ports';
import type { Test } from 'tap';

/** Ingests, publishes, loads and serves the files of a folder in one process, with an in-process bus. */
export async function serveFiles(t: Test, folder: string, definition: Definition) {
  const log = makeLogger('test', 'silent');
  const buckets = { DATA_DIR: folder, SOURCE_BUCKET: 'source', PROCESSED_BUCKET: 'processed' };
  const ports = await openPorts({ ...buckets, definition }, log);
  const common = { store: ports.store, bus: ports.bus, log, clock: Date.now, definition };
  const query = await startQuery({
    ...common,
    processedBucket: 'processed',
    stateDir: path.join(folder, 'query-state'),
    host: '127.0.0.1',
    port: 0,
    keepGenerations: 3,
    runWaitMs: 10_000,
    generationWaitMs: 5_000,
    cacheBytes: 1_000_000,
  });
  const ingestor = startIngestor({
    ...common,
    sourceBucket: 'source',
    processedBucket: 'processed',
    stateDir: path.join(folder, 'ingestor-state'),
    fetchConcurrency: 8,
    keepGenerations: 3,
    everyMs: 3_600_000,
  });
  let isStopped = false;
  async function stop(): Promise<void> {
    if (isStopped) return;
    isStopped = true;
    await ingestor.stop();
    await query.stop();
    await ports.close();
  }
  t.teardown(stop);
  const report = await ingestor.firstRun;
  await query.syncNow();
  const ask = async (target: string) => {
    const response = await fetch(new URL(target, query.address));
    const text = await response.text();
    const next = /^<([^>]+)>/.exec(response.headers.get('link') ?? '')?.[1];
    const etag = response.headers.get('etag');
    return { status: response.status, text, json: () => JSON.parse(text), next, etag };
  };
  const ids = async (target: string): Promise<string[]> =>
    (await ask(target)).json().map((row: Record<string, string>) => row[keyColumn(definition)]);
  const published = (name: string) => fs.readFileSync(path.join(folder, 'processed', name), 'utf8');
  return { report, ask, ids, published, query, stop };
}

/** Makes a folder with the files in its source bucket. */
export function makeFolder(t: Test, files: Record<string, string | Uint8Array>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-definition-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, 'source', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  return folder;
}
