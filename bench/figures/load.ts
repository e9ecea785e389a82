import fs from 'node:fs';
import path from 'node:path';
import { PROCESSED } from '../data/source-directory.ts';
import { measure } from '../ingest/measurement.ts';
import { seconds } from '../report/bars.ts';
import type { Figure } from '../report/figure.ts';
import { median } from '../report/statistics.ts';

/** Target of loading as a multiple of sqlite3's import. */
const TIMES = 1.5;

/**
 * Measures loading into a new database, alternating with sqlite3's import.
 *
 * @param imported path of the imported database, which is kept
 */
export async function loadFigure(
  root: string,
  folder: string,
  imported: string,
  rounds: number,
): Promise<Figure> {
  const output = path.join(root, PROCESSED, 'output.csv');
  const database = path.join(folder, 'loaded.sqlite');
  const [ours, theirs]: [number[], number[]] = [[], []];
  let peakMb = 0;
  for (let round = 0; round < rounds; round++) {
    for (const file of [imported, database])
      for (const suffix of ['', '-wal', '-shm']) fs.rmSync(file + suffix, { force: true });
    theirs.push((await measure({ kind: 'bare import', output, database: imported })).ms);
    const loaded = await measure({ kind: 'load', root, database });
    ours.push(loaded.ms);
    peakMb = Math.max(peakMb, loaded.peakMb);
  }
  fs.rmSync(database);
  const times = (ms: number[]) =>
    `${seconds(median(ms)).trim()} (${ms.map((each) => seconds(each).trim()).join(', ')})`;
  return {
    title: 'Load into a new database',
    claims: [
      {
        of: `${TIMES} times sqlite3's .import and the same indexes`,
        share: median(ours) / median(theirs) / TIMES,
        atMost: 1,
      },
    ],
    lines: [`ours  ${times(ours)}, ${peakMb} MB peak`, `bare  ${times(theirs)}`],
  };
}
