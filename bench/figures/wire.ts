import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type S3Access, s3Store } from '@landfall/object-store/s3-store';
import pMap from 'p-map';
import { userFiles } from '../data/record-files.ts';
import { IMAGE, PROCESSED, SOURCE } from '../data/source-directory.ts';
import { measure } from '../ingest/measurement.ts';
import type { S3ServerProgram } from '../ingest/s3-servers.ts';
import { seconds } from '../report/bars.ts';
import type { Figure } from '../report/figure.ts';
import { median } from '../report/statistics.ts';
import { changeFigure } from './change.ts';

/** How many requests at once the bare loop is tried with; the best counts. */
const CONCURRENCIES = [16, 64, 128];

/** First runs, no-op runs and single changes over S3 servers. Each is measured in turns with its ceiling. */
export async function* wireFigures(
  servers: S3ServerProgram[],
  users: number,
  rounds: number,
  changes: number,
): AsyncIterable<Figure> {
  for (const { name, start } of servers) {
    const server = await start();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-bench-state-'));
    try {
      await fillBucket(server, users);
      yield* figuresOf(name, server, folder, rounds, changes);
    } finally {
      await server.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function fillBucket(access: S3Access, users: number): Promise<void> {
  const store = s3Store(access);
  for (const bucket of [SOURCE, PROCESSED]) await store.createBucket(bucket);
  await pMap(
    userFiles(users),
    async ({ id, record, hasImage }) => {
      await store.put(SOURCE, `${id}.csv`, Buffer.from(record));
      if (hasImage) await store.put(SOURCE, `${id}.png`, IMAGE);
    },
    { concurrency: 32 },
  );
}

async function* figuresOf(
  name: string,
  { endpoint, accessKey, secretKey }: S3Access,
  folder: string,
  rounds: number,
  changes: number,
): AsyncIterable<Figure> {
  const access = { endpoint, accessKey, secretKey };
  const run = (stateDir: string, profile: boolean) =>
    measure({ kind: 'run', store: access, stateDir, profile });
  const bare = async (concurrency: number) =>
    (await measure({ kind: 'bare wire reading', access, concurrency })).ms;

  const tried: [number, number][] = [];
  for (const concurrency of CONCURRENCIES) tried.push([await bare(concurrency), concurrency]);
  const [, best] = tried.toSorted(([a], [b]) => a - b)[0] ?? [0, 64];
  const [reading, listing, firsts, noOps] = [[], [], [], []] as [number[], number[], number[], number[]];
  let last = path.join(folder, 'profiled');
  const { phases, report } = await run(last, true);
  const { phases: noOpPhases } = await run(last, true);
  for (let i = 0; i < rounds; i++) {
    last = path.join(folder, String(i));
    reading.push(await bare(best));
    firsts.push((await run(last, false)).ms);
    listing.push((await measure({ kind: 'bare wire listing', access, concurrency: 1 })).ms);
    noOps.push((await run(last, false)).ms);
  }
  const changed = await measure({ kind: 'changes', store: access, source: access, stateDir: last, changes });

  const times = (ms: number[]) =>
    `${seconds(median(ms)).trim()} (${ms.map((each) => seconds(each).trim()).join(', ')})`;
  const rate = (ms: number) => `${Math.round((report.fetched / ms) * 1_000).toLocaleString('en')} records/s`;
  yield {
    title: `First run over ${name}, ${report.fetched.toLocaleString('en')} records and ${(report.listed - report.fetched).toLocaleString('en')} images`,
    claims: [
      {
        of: `a bare list + GET loop, ${best} requests at a time`,
        share: median(reading) / median(firsts),
        atLeast: 0.7,
      },
    ],
    lines: [
      `ours  ${times(firsts)}, ${rate(median(firsts))}`,
      `bare  ${times(reading)}, ${rate(median(reading))}; tried: ${tried.map(([ms, at]) => `${at} at a time ${seconds(ms).trim()}`).join(', ')}`,
    ],
    phases,
  };
  yield {
    title: `Run over the same bucket without changes`,
    claims: [{ of: 'a bare listing loop', share: median(listing) / median(noOps), atLeast: 0.8 }],
    lines: [`ours  ${times(noOps)}`, `bare  ${times(listing)}`],
    phases: noOpPhases,
  };
  yield changeFigure(`One record changed, until it is published, over ${name}`, changed, median(firsts));
}
