import fs from 'node:fs';
import path from 'node:path';
import { makeDataSet } from '../data/dataset.ts';
import { measure } from '../ingest/measurement.ts';
import { quantile } from '../report/statistics.ts';
import { randomPages, randomStats, WIDE } from './requests.ts';
import { startServer } from './server.ts';
import { openSingleClient } from './single-client.ts';

/** Measurements of one size. */
export interface Grown {
  users: number;
  /** output.csv, bytes. */
  outputBytes: number;
  /** Load time, and peak memory of the process, MB. */
  loadMs: number;
  loadMb: number;
  /** The state folder of the query service, bytes. */
  databaseBytes: number;
  /** Ms per request, in sequence. */
  pageMs: number[];
  statsMs: number[];
}

/** Requests for warm-up. */
const WARM = 300;
const MEASURED = 1_000;

/** Generates, loads and queries a data set. @param folder empty; emptied again */
export async function grow(folder: string, users: number): Promise<Grown> {
  const [root, stateDir] = [path.join(folder, 'data'), path.join(folder, 'state')];
  const manifest = makeDataSet(root, users);
  fs.mkdirSync(stateDir);
  const load = await measure({ kind: 'load', root, database: path.join(stateDir, 'data-set.sqlite') });
  const databaseBytes = bytesIn(stateDir);
  const server = await startServer({ serve: 'query', root, stateDir });
  const client = await openSingleClient(server.address);
  try {
    const pages = randomPages(manifest, WARM + MEASURED, 500, WIDE, Date.now());
    const pageMs = (await client.each(pages)).slice(WARM);
    const statsMs = (await client.each(randomStats(WARM + MEASURED, 600))).slice(WARM);
    const outputBytes = manifest.output.size;
    return { users, outputBytes, loadMs: load.ms, loadMb: load.peakMb, databaseBytes, pageMs, statsMs };
  } finally {
    client.close();
    await server.stop();
    for (const each of [root, stateDir]) fs.rmSync(each, { recursive: true });
  }
}

/** The head of a Markdown table. */
export const growthHeader = (): string =>
  `${row(Object.keys(COLUMNS))}\n${row(Object.keys(COLUMNS).map(() => '---:'))}`;
/** A row of the table. */
export const growthRow = (grown: Grown): string => row(Object.values(COLUMNS).map((column) => column(grown)));

const COLUMNS: Record<string, (grown: Grown) => string> = {
  users: ({ users }) => users.toLocaleString('en'),
  'output.csv': ({ outputBytes }) => megabytes(outputBytes),
  'load time': ({ loadMs }) => `${(loadMs / 1_000).toFixed(2)} s`,
  'per row': ({ loadMs, users }) => `${((loadMs / users) * 1_000).toFixed(1)} µs`,
  'peak memory': ({ loadMb }) => `${loadMb} MB`,
  'on disk': ({ databaseBytes }) => megabytes(databaseBytes),
  'page: p50': ({ pageMs }) => milliseconds(pageMs, 0.5),
  p99: ({ pageMs }) => milliseconds(pageMs, 0.99),
  'statistics: p50': ({ statsMs }) => milliseconds(statsMs, 0.5),
};

const row = (cells: string[]): string => `| ${cells.join(' | ')} |`;
const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: bytes < 1e7 ? 1 : 0 })} MB`;
const milliseconds = (ms: number[], share: number): string => `${quantile(ms, share).toFixed(2)} ms`;

function bytesIn(folder: string): number {
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + fs.statSync(path.join(parentPath, name)).size, 0);
}
