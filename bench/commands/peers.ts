import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeDataSet } from '../data/dataset.ts';
import { PROCESSED } from '../data/source-directory.ts';
import { inWorkFolder } from '../data/work-folder.ts';
import { compareAll, type Effort } from '../peers/compare-all.ts';
import { type Comparison, comparisonText, tableText } from '../peers/comparison.ts';
import { type Contender, installPeer, startContender } from '../peers/contender.ts';
import type { Peer, Published } from '../peers/peer.ts';
import { datasette } from '../peers/programs/datasette.ts';
import { duckdb } from '../peers/programs/duckdb.ts';
import { flask } from '../peers/programs/flask.ts';
import { landfall } from '../peers/programs/landfall.ts';
import { roapi } from '../peers/programs/roapi.ts';
import { expectedOf, verdictOn } from '../peers/verify.ts';

const PEERS = [datasette, roapi, flask, duckdb];

/**
 * Measures other programs with the same requests and rows (docs/benchmarks.md). They are installed into a temporary folder from PyPI
 * and npm. Needs wrk, sqlite3, python3 and npm.
 *
 * Options: `--users 1000000`, `--rounds 3`, `--seconds 2` of each rate in a round,
 * `--only Datasette|ROAPI|Flask|DuckDB`.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      users: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string' },
    },
  });
  const users = Number(values.users);
  await inWorkFolder(async (folder) => {
    const root = path.join(folder, 'data');
    const manifest = makeDataSet(root, users);
    const published = { root, output: path.join(root, PROCESSED, 'output.csv'), manifest };
    const peers = PEERS.filter(({ name }) => (values.only ?? name) === name);
    const effort = { folder, users, rounds: Number(values.rounds), forS: Number(values.seconds) };
    await compare(peers, published, effort);
  });
}

async function compare(peers: Peer[], published: Published, effort: Effort): Promise<void> {
  const ours = await startContender(landfall, await installPeer(landfall, effort.folder), published);
  const others: Contender[] = [];
  try {
    for (const peer of peers) {
      const other = await contenderOf(peer, published, effort.folder);
      if (other) others.push(other);
    }
    const expected = await expectedOf(ours, effort.users);
    for (const each of [ours, ...others]) {
      console.log(`${each.name} (${each.version}): ${await verdictOn(each, expected, effort.users)}`);
    }
    console.log();
    const comparisons: Comparison[] = [];
    for await (const comparison of compareAll([ours, ...others], effort)) {
      console.log(comparisonText(comparison));
      comparisons.push(comparison);
    }
    console.log(tableText(comparisons));
  } finally {
    for (const each of [ours, ...others]) await each.stop();
  }
}

/** Installs and starts a program; prints the reason and returns undefined when that fails. */
async function contenderOf(peer: Peer, published: Published, folder: string): Promise<Contender | undefined> {
  try {
    return await startContender(peer, await installPeer(peer, folder), published);
  } catch (error) {
    console.log(`NOT MEASURED: ${peer.name}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}
