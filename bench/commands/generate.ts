import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeDataSet } from '../data/dataset.ts';

/**
 * Generates a published data set: output.csv and its manifest. The rows are deterministic.
 *
 * Options: `--users 1000000`, `--folder ./data` (the bucket `processed-data` is created in it).
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
