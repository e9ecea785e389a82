import fs from 'node:fs';
import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { hasJsonRecords } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { USERS } from '@landfall/contracts/dataset/users';
import { makeDataSetOf } from '../data/dataset.ts';
import { fillDirectoryWith } from '../data/definition-files.ts';
import { PROCESSED } from '../data/source-directory.ts';
import { measure } from '../ingest/measurement.ts';
import { pagesOf, statsOf } from '../query/definition-requests.ts';
import { type Server, startServer } from '../query/server.ts';
import { asTargets, type Rate, wrk } from '../query/wrk.ts';
import { seconds } from '../report/bars.ts';
import type { Figure } from '../report/figure.ts';
import { median } from '../report/statistics.ts';

/** Requests of a round: more than it sends. */
const [PAGES, STATISTICS] = [40_000, 300_000];

/** Measures a first run over a folder of any definition, alternating with a bare loop. */
export async function definitionRunFigure(
  definition: Definition,
  folder: string,
  rows: number,
  rounds: number,
): Promise<Figure> {
  const isJson = hasJsonRecords(definition);
  const root = path.join(folder, 'source');
  fillDirectoryWith(definition, root, rows);
  const [bare, ours]: [number[], number[]] = [[], []];
  let listed = 0;
  for (let i = 0; i < rounds; i++) {
    bare.push((await measure({ kind: 'bare records', root, extension: isJson ? '.json' : '.csv' })).ms);
    const stateDir = path.join(folder, 'state');
    for (const each of [stateDir, path.join(root, PROCESSED)])
      fs.rmSync(each, { recursive: true, force: true });
    fs.mkdirSync(path.join(root, PROCESSED));
    const run = await measure({ kind: 'run', store: { root }, stateDir, profile: false, definition });
    ours.push(run.ms);
    listed = run.report.listed;
  }
  const times = (ms: number[]) => ms.map((each) => seconds(each).trim()).join(', ');
  return {
    title: `${definition.name}: first run over ${listed.toLocaleString('en')} objects`,
    claims: [
      {
        of: `a bare list + stat + read${isJson ? ' + JSON.parse' : ''} loop`,
        share: median(bare) / median(ours),
        atLeast: 0.5,
      },
    ],
    lines: [`ours  ${times(ours)}`, `bare  ${times(bare)}`],
  };
}

interface Side {
  definition: Definition;
  manifest: Manifest;
  server: Server;
}

/** Measures pages and statistics of a data set, alternating with those of `users` of the same size. */
export async function* definitionRateFigures(
  definition: Definition,
  folder: string,
  rows: number,
  rounds: number,
  forS: number,
): AsyncIterable<Figure> {
  const sides = [
    await startSide(USERS, path.join(folder, 'users'), rows),
    await startSide(definition, path.join(folder, 'other'), rows),
  ];
  try {
    for (const [title, targets] of [
      [
        'a page of 100, not cached',
        (side: Side, seed: number) => pagesOf(side.definition, side.manifest, PAGES, seed),
      ],
      [
        'statistics of a random filter',
        (side: Side, seed: number) => statsOf(side.definition, STATISTICS, seed),
      ],
    ] as const) {
      const rates: Rate[][] = sides.map(() => []);
      for (let round = 0; round < rounds; round++) {
        for (const [i, side] of sides.entries()) {
          const file = asTargets(path.join(folder, 'asked'), targets(side, 100 + round));
          rates[i]?.push(await wrk(side.server.address, file, forS));
        }
      }
      const [users = Number.NaN, ours = Number.NaN] = rates.map((each) =>
        median(each.map(({ rate }) => rate)),
      );
      yield {
        title: `${definition.name}: ${title}`,
        claims: [{ of: 'the rate of users of the same size', share: ours / users, atLeast: 0.8 }],
        lines: rates.map(
          (each, i) =>
            `${sides[i]?.definition.name.padEnd(10)} ${each.map(({ rate }) => Math.round(rate).toLocaleString('en')).join(', ')} per second`,
        ),
      };
    }
  } finally {
    for (const { server } of sides) await server.stop();
  }
}

async function startSide(definition: Definition, folder: string, rows: number): Promise<Side> {
  const root = path.join(folder, 'data');
  const manifest = makeDataSetOf(definition, root, rows);
  const stateDir = path.join(folder, 'state');
  return { definition, manifest, server: await startServer({ serve: 'query', root, stateDir, definition }) };
}
