import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readDefinition } from '@landfall/contracts/definition/read-definition';
import { fillDirectory } from '../data/source-directory.ts';
import { inWorkFolder } from '../data/work-folder.ts';
import { changeOverWire } from '../figures/change-over-wire.ts';
import { definitionRunFigure } from '../figures/definition.ts';
import { directoryFigures } from '../figures/directory.ts';
import { wireFigures } from '../figures/wire.ts';
import { s3Servers } from '../ingest/s3-servers.ts';
import { type Figure, figureText } from '../report/figure.ts';

/**
 * Measures how fast files become a data set, as a share of a ceiling in the same run.
 *
 * Options: `--users 1000000` in a folder, `--wire-users 100000` on S3 servers, `--rounds 3`, `--changes 20`,
 * `--only directory|MinIO|versitygw`, `--folder <path>` to keep the files for the next run; `--dataset <file>` measures the first run of
 * another definition instead.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      users: { type: 'string', default: '1000000' },
      'wire-users': { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '3' },
      changes: { type: 'string', default: '20' },
      only: { type: 'string' },
      folder: { type: 'string' },
      dataset: { type: 'string' },
    },
  });
  const [rounds, changes] = [Number(values.rounds), Number(values.changes)];
  console.log(
    `${os.cpus().length} cores, ${os.cpus()[0]?.model}, ${Math.round(os.totalmem() / 2 ** 30)} GB, Node ${process.versions.node}\n`,
  );
  if (values.dataset !== undefined) {
    const definition = readDefinition(values.dataset);
    await inWorkFolder(async (folder) => {
      show([await definitionRunFigure(definition, folder, Number(values.users), rounds)]);
    });
    return;
  }
  const folder = values.folder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-bench-'));
  try {
    const servers = s3Servers().filter(({ name }) => (values.only ?? name) === name);
    if ((values.only ?? 'directory') === 'directory') {
      const [root, users] = [path.join(folder, values.users), Number(values.users)];
      if (!fs.existsSync(root)) fillDirectory(root, users);
      show(await directoryFigures(root, rounds, changes));
      for (const server of s3Servers()) show([await changeOverWire(server, root, users, changes)]);
    }
    for await (const figure of wireFigures(servers, Number(values['wire-users']), rounds, changes))
      show([figure]);
  } finally {
    if (values.folder === undefined) fs.rmSync(folder, { recursive: true, force: true });
  }
}

function show(figures: Figure[]): void {
  for (const figure of figures) console.log(figureText(figure));
}
