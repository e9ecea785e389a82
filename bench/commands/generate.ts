import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeDataSet } from '../data/dataset.ts';

/**
 * Makes a published data set of made-up users, always the same ones: output.csv with its manifest, to serve or to
 * measure with.
 *
 * Options: `--users 1000000`, `--folder ./data`, in which the bucket `processed-data` is made.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      users: { type: 'string', default: '1000000' },
      folder: { type: 'string', default: './data' },
    },
  });
  const { rows, output, version } = makeDataSet(values.folder, Number(values.users));
  const where = path.join(values.folder, 'processed-data', output.key);
  console.log(`${rows.toLocaleString('en')} users, ${output.size.toLocaleString('en')} bytes: ${where}`);
  console.log(`version ${version}`);
}
