import { parseArgs } from 'node:util';
import { inWorkFolder } from '../data/work-folder.ts';
import { grow, growthHeader, growthRow } from '../query/growth.ts';

/**
 * What more users take: time to load them, memory, disk, and the time of a page and of figures; as a table of
 * Markdown.
 *
 * Options: `--sizes 10000,100000,1000000,10000000`.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { sizes: { type: 'string', default: '10000,100000,1000000,10000000' } },
  });
  await inWorkFolder(async (folder) => {
    console.log(growthHeader());
    for (const users of values.sizes.split(',').map(Number))
      console.log(growthRow(await grow(folder, users)));
  });
}
