import fs from 'node:fs';
import path from 'node:path';
import { PROCESSED } from '../data/source-directory.ts';
import { measure } from '../ingest/measurement.ts';
import { seconds } from '../report/bars.ts';
import type { Figure } from '../report/figure.ts';
import { median } from '../report/statistics.ts';
import { changeFigure } from './change.ts';

/** Target of a first run's peak memory, MB. */
const PEAK_MB = 600;

/**
 * Measures first runs, no-op runs and single changes over a folder, alternating with their ceilings.
 *
 * @param root folder with a filled source bucket
 */
export async function directoryFigures(root: string, rounds: number, changes: number): Promise<Figure[]> {
  const stateDir = path.join(root, 'state');
  const run = (profile: boolean) => measure({ kind: 'run', store: { root }, stateDir, profile });
  const first = async (profile: boolean) => {
    for (const folder of [stateDir, path.join(root, PROCESSED)])
      fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(path.join(root, PROCESSED));
    return await run(profile);
  };

  const [reading, listing, firsts, noOps] = [[], [], [], []] as [number[], number[], number[], number[]];
  let peakMb = 0;
  const { phases } = await first(true);
  const { report, phases: noOpPhases } = await run(true);
  for (let i = 0; i < rounds; i++) {
    reading.push((await measure({ kind: 'bare reading', root })).ms);
    const ours = await first(false);
    firsts.push(ours.ms);
    peakMb = Math.max(peakMb, ours.peakMb);
    listing.push((await measure({ kind: 'bare listing', root })).ms);
    noOps.push((await run(false)).ms);
  }
  const changed = await measure({ kind: 'changes', store: { root }, source: { root }, stateDir, changes });

  const { listed } = report;
  const rate = (ms: number) => `${Math.round((listed / ms) * 1_000).toLocaleString('en')} objects/s`;
  const times = (ms: number[]) =>
    `${seconds(median(ms)).trim()} (${ms.map((each) => seconds(each).trim()).join(', ')})`;
  return [
    {
      title: `First run over a folder of ${listed.toLocaleString('en')} objects`,
      claims: [
        { of: 'a bare list + stat + read loop', share: median(reading) / median(firsts), atLeast: 0.6 },
        { of: `${PEAK_MB} MB of peak memory`, share: peakMb / PEAK_MB, atMost: 1 },
      ],
      lines: [
        `ours  ${times(firsts)}, ${rate(median(firsts))}, ${peakMb} MB`,
        `bare  ${times(reading)}, ${rate(median(reading))}`,
      ],
      phases,
    },
    {
      title: `Run over the same folder without changes`,
      claims: [{ of: 'a bare list + stat loop', share: median(listing) / median(noOps), atLeast: 0.8 }],
      lines: [
        `ours  ${times(noOps)}, ${rate(median(noOps))}`,
        `bare  ${times(listing)}, ${rate(median(listing))}`,
      ],
      phases: noOpPhases,
    },
    changeFigure('One record changed in that folder, until it is published', changed, median(firsts)),
  ];
}
