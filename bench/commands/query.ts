import path from 'node:path';
import { parseArgs } from 'node:util';
import { readDefinition } from '@landfall/contracts/definition/read-definition';
import { makeDataSet } from '../data/dataset.ts';
import { inWorkFolder } from '../data/work-folder.ts';
import { definitionRateFigures } from '../figures/definition.ts';
import { deltaFigures } from '../figures/delta.ts';
import { loadFigure } from '../figures/load.ts';
import { pageFigures } from '../figures/pages.ts';
import { rateFigures } from '../figures/rates.ts';
import { scrapeFigures } from '../figures/scrape.ts';
import { streamFigures } from '../figures/streams.ts';
import { startBenchServers } from '../query/bench-servers.ts';
import { type Figure, figureText } from '../report/figure.ts';

/**
 * Measures how fast a data set is loaded and served, as a share of a ceiling in the same run. Needs wrk and sqlite3.
 *
 * Options: `--users 1000000`, `--rounds 3`, `--seconds 3` of each rate in a round, `--only
 * load|rates|pages|streams|delta|scrape`; `--dataset <file>` measures pages and statistics of another definition instead.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      users: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      only: { type: 'string' },
      dataset: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  await inWorkFolder(async (folder) => {
    if (values.dataset !== undefined) {
      const definition = readDefinition(values.dataset);
      const rows = Number(values.users);
      const seconds = Number(values.seconds);
      for await (const figure of definitionRateFigures(definition, folder, rows, rounds, seconds))
        console.log(figureText(figure));
      return;
    }
    const root = path.join(folder, 'data');
    makeDataSet(root, Number(values.users));
    for await (const figure of figures(root, folder, rounds, Number(values.seconds), values.only))
      console.log(figureText(figure));
  });
}

async function* figures(
  root: string,
  folder: string,
  rounds: number,
  forS: number,
  only: string | undefined,
): AsyncIterable<Figure> {
  const wanted = (what: string) => (only ?? what) === what;
  const imported = path.join(folder, 'imported.sqlite');
  if (wanted('load') || wanted('delta')) {
    const loaded = await loadFigure(root, folder, imported, wanted('load') ? rounds : 1);
    if (wanted('load')) yield loaded;
  }
  if (only === 'load') return;
  const servers = await startBenchServers(root, folder);
  try {
    if (wanted('rates')) yield* rateFigures(servers, rounds, forS);
    if (wanted('pages')) yield* pageFigures(servers);
    if (wanted('streams')) yield* streamFigures(servers, rounds);
    if (wanted('scrape')) yield* scrapeFigures(servers, rounds, forS);
    if (wanted('delta')) yield* deltaFigures(servers, imported);
  } finally {
    await servers.stop();
  }
}
