import { parseArgs } from 'node:util';
import { inWorkFolder } from '../data/work-folder.ts';
import { grow, growthHeader, growthRow } from '../query/growth.ts';

/**
 * Measures how load time, memory, disk, pages and statistics grow with the number of rows. Prints a Markdown table.
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
